import type { Clock } from '../clock.js'
import { moved } from './shard-log.js'

interface Waiter {
  readonly shard: number
  readonly session: string
  readonly wake: () => void
  readonly moved: () => void
}

/** Callers who wait for what becomes of sessions. */
export class Waiters {
  readonly #clock: Clock
  readonly #longestMs: number
  readonly #waiters = new Map<string, Set<Waiter>>()

  /** None waits longer than `longestMs`: then it has to ask again. */
  constructor(clock: Clock, longestMs: number) {
    this.#clock = clock
    this.#longestMs = longestMs
  }

  /** Resolves when the condition holds after a `wake`, or after the longest time. Rejects with `STG_SHARD_MOVED`. */
  wait(shard: number, session: string, condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        timer.cancel()
        ofSession.delete(waiter)
        if (ofSession.size === 0) this.#waiters.delete(session)
      }
      const timer = this.#clock.setTimer(this.#clock.now() + this.#longestMs, () => {
        done()
        resolve()
      })
      const waiter: Waiter = {
        shard,
        session,
        wake: () => {
          if (!condition()) return
          done()
          resolve()
        },
        moved: () => {
          done()
          reject(moved(`shard.${shard}`))
        },
      }
      const ofSession = this.#waiters.get(session) ?? new Set()
      this.#waiters.set(session, ofSession.add(waiter))
    })
  }

  wake(session: string): void {
    for (const waiter of [...(this.#waiters.get(session) ?? [])]) waiter.wake()
  }

  /** The shard is another coordinator's. */
  moved(shard: number): void {
    for (const ofSession of [...this.#waiters.values()])
      for (const waiter of [...ofSession]) if (waiter.shard === shard) waiter.moved()
  }

  close(): void {
    for (const ofSession of [...this.#waiters.values()]) for (const waiter of [...ofSession]) waiter.moved()
  }
}
