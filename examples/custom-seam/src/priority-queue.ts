import { FifoQueue, type Runnable, type RunQueue } from 'stigmergy'

/** Runs what the first of `classes` takes before what the second takes, and the rest last; within a class, first come, first served. */
export class PriorityQueue implements RunQueue {
  readonly #lines: readonly FifoQueue[]
  readonly #rest = new FifoQueue()

  constructor(private readonly classes: readonly ((item: Runnable) => boolean)[]) {
    this.#lines = classes.map(() => new FifoQueue())
  }

  get size(): number {
    return this.#lines.reduce((sum, line) => sum + line.size, this.#rest.size)
  }

  push(item: Runnable): void {
    const line = this.#lines[this.classes.findIndex((takes) => takes(item))] ?? this.#rest
    line.push(item)
  }

  shift(): Runnable | undefined {
    const line = this.#lines.find(({ size }) => size > 0) ?? this.#rest
    return line.shift()
  }
}
