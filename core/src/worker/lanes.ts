import type { Partition } from '../bucket/partition.js'
import type { Invocation } from './invocation.js'
import { FifoQueue } from './run-queue.js'

interface Lane {
  running: Invocation
  readonly waiting: FifoQueue<Invocation>
}

/** Serial firings: of each partition at most one runs, the others wait in their order. */
export class Lanes {
  /** How many wait. */
  waiting = 0
  readonly #busy = new Map<Partition, Lane>()

  /** Whether the invocation may start now; if not, it waits here. */
  enter(partition: Partition, invocation: Invocation): boolean {
    const lane = this.#busy.get(partition)
    if (lane === undefined) {
      this.#busy.set(partition, { running: invocation, waiting: new FifoQueue() })
      partition.isBusy = true
      return true
    }
    lane.waiting.push(invocation)
    this.waiting += 1
    return false
  }

  /** The invocation that may start when this one has ended; none when this one was waiting itself. */
  leave(partition: Partition, invocation: Invocation): Invocation | undefined {
    const lane = this.#busy.get(partition)
    if (lane?.running !== invocation) return undefined
    for (let next = lane.waiting.shift(); next !== undefined; next = lane.waiting.shift()) {
      this.waiting -= 1
      if (next.phase !== 'over') return (lane.running = next)
    }
    this.#busy.delete(partition)
    partition.isBusy = false
    return undefined
  }
}
