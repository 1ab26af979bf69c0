import type { Invocation } from './invocation.js'
import type { RunQueue } from './run-queue.js'

/** Invocations that wait for a slot, as the run queue orders them. Those at the front can be looked at, and be taken away. */
export class WaitingLine {
  readonly #queue: RunQueue
  /** Out of the queue, and before all that is in it. */
  #front: Invocation[] = []

  constructor(queue: RunQueue) {
    this.#queue = queue
  }

  get size(): number {
    return this.#queue.size + this.#front.length
  }

  push(invocation: Invocation): void {
    this.#queue.push(invocation)
  }

  shift(): Invocation | undefined {
    return (this.#front.length === 0 ? this.#queue.shift() : this.#front.shift()) as Invocation | undefined
  }

  /** The next ones, so many at most. Their order is settled by the look. */
  look(most: number): readonly Invocation[] {
    while (this.#front.length < most) {
      const next = this.#queue.shift()
      if (next === undefined) break
      this.#front.push(next as Invocation)
    }
    return this.#front.slice(0, most)
  }

  /** Takes some of those away that were looked at. */
  take(chosen: ReadonlySet<Invocation>): void {
    this.#front = this.#front.filter((invocation) => !chosen.has(invocation))
  }

  /** One that was taken away is the next again. */
  giveBack(invocation: Invocation): void {
    this.#front.unshift(invocation)
  }
}
