import type { Clock } from '../clock.js'
import { StigmergyError } from '../errors.js'
import type { Calls } from './calls.js'
import type { ClusterMessage, ToCoordinator } from './cluster-messages.js'
import type { Members } from './members.js'
import type { ShardMap } from './shard-map.js'

export interface ShardCallerOptions {
  readonly calls: Calls<ClusterMessage>
  readonly clock: Clock
  readonly coordinators: Members
  readonly map: ShardMap
  /** ms after which a call that failed is tried again, unless the holder changes before. */
  readonly retryMs: number
}

/** A call that a holder has not answered. */
interface Asking {
  readonly shard: number
  readonly owner: string
  readonly giveUp: () => void
}

/** Calls whoever holds a shard, and the next one when that one is gone. */
export class ShardCaller {
  readonly #options: ShardCallerOptions
  readonly #waiting = new Set<() => void>()
  readonly #asking = new Set<Asking>()
  #isClosed = false

  constructor(options: ShardCallerOptions) {
    this.#options = options
  }

  /**
   * The answer, from one holder or another: it is asked for until there is one, so the message may come more than once. Rejects with what the
   * holder refuses with, and with the reason of `signal`.
   */
  async call(shard: number, message: ToCoordinator, signal?: AbortSignal): Promise<unknown> {
    const { calls, map, coordinators } = this.#options
    for (;;) {
      signal?.throwIfAborted()
      if (this.#isClosed) throw closed()
      const { owner } = map.find(shard)
      const address = coordinators.addressOf(owner)
      if (address !== undefined) {
        try {
          return await this.#unlessGone(shard, owner, calls.call(address, message))
        } catch (error) {
          if (!isToBeAskedAgain(error)) throw error
        }
      }
      await this.#pause(signal)
    }
  }

  /** Holders have changed: what waits asks again, and what a holder was asked that is gone is not waited for. */
  changed(): void {
    const { map, coordinators } = this.#options
    for (const { shard, owner, giveUp } of [...this.#asking])
      if (map.find(shard).owner !== owner || !coordinators.isLive(owner)) giveUp()
    for (const wake of [...this.#waiting]) wake()
  }

  /** Calls under way reject with `STG_CLOSED`. */
  close(): void {
    this.#isClosed = true
    this.changed()
  }

  /** The answer, or a rejection once its giver holds the shard no more: the next holder answers, whatever becomes of the first call. */
  async #unlessGone(shard: number, owner: string, answer: Promise<unknown>): Promise<unknown> {
    let asking: Asking | undefined
    const gone = new Promise<never>((_resolve, reject) => {
      asking = { shard, owner, giveUp: () => reject(moved(shard)) }
      this.#asking.add(asking)
    })
    try {
      return await Promise.race([answer, gone])
    } finally {
      this.#asking.delete(asking!)
    }
  }

  #pause(signal: AbortSignal | undefined): Promise<void> {
    const { clock, retryMs } = this.#options
    if (this.#isClosed) return Promise.resolve()
    return new Promise<void>((resolve) => {
      const wake = (): void => {
        timer.cancel()
        signal?.removeEventListener('abort', wake)
        this.#waiting.delete(wake)
        resolve()
      }
      const timer = clock.setTimer(clock.now() + retryMs, wake)
      signal?.addEventListener('abort', wake, { once: true })
      this.#waiting.add(wake)
    })
  }
}

function moved(shard: number): StigmergyError {
  return new StigmergyError('STG_SHARD_MOVED', `Shard ${shard} is held by another coordinator.`, {
    retryable: true,
    details: { shard },
  })
}

/** The holder did not answer, or is another one. */
function isToBeAskedAgain(error: unknown): boolean {
  return StigmergyError.is(error, 'STG_SHARD_MOVED') || StigmergyError.is(error, 'STG_CLUSTER_UNAVAILABLE')
}

function closed(): StigmergyError {
  return new StigmergyError('STG_CLOSED', 'The connection to the cluster was closed.')
}
