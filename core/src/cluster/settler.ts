import type { Calls } from './calls.js'
import type { ClusterMessage } from './cluster-messages.js'
import type { PutToSettle } from './shared-object.js'

/** Tells members which of their puts nothing is kept for any more: many at a time, one message for each bucket and member. */
export class Settler {
  readonly #calls: Calls<ClusterMessage>
  readonly #waiting = new Map<string, number[]>()

  constructor(calls: Calls<ClusterMessage>) {
    this.#calls = calls
  }

  settle(app: string, bucket: string, { address, put }: PutToSettle): void {
    const name = JSON.stringify([address, app, bucket])
    const puts = this.#waiting.get(name)
    if (puts !== undefined) return void puts.push(put)
    const own = [put]
    this.#waiting.set(name, own)
    queueMicrotask(() => {
      this.#waiting.delete(name)
      // Who does not hear it takes them for lost later: that is told in vain, and nothing else.
      this.#calls.call(address, ['settled', app, bucket, own]).catch(() => undefined)
    })
  }
}
