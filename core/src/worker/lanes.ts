import type { Partition } from '../bucket/partition.js'
import type { Invocation } from './invocation.js'
import { FifoQueue } from './run-queue.js'

/** Serial firings: of each partition at most one runs, the others wait in their order. */
export class Lanes {
  readonly #busy = new Map<Partition, FifoQueue<Invocation>>()

  /** Whether the invocation may start now; if not, it waits here. */
  enter(partition: Partition, invocation: Invocation): boolean {
    const waiting = this.#busy.get(partition)
    if (waiting !== undefined) waiting.push(invocation)
    else this.#busy.set(partition, new FifoQueue())
    return waiting === undefined
  }

  /** The invocation that may start now that the running one has ended. */
  leave(partition: Partition): Invocation | undefined {
    const waiting = this.#busy.get(partition)
    for (let next = waiting?.shift(); next !== undefined; next = waiting?.shift())
      if (next.phase !== 'over') return next
    this.#busy.delete(partition)
    return undefined
  }
}
