import { StigmergyError } from '@stigmergy/core'
import type { Inbox } from './inbox.js'

/** Where transports of one process meet: those that share a network see each other's endpoints, and nobody else's. */
export class MemoryNetwork {
  readonly #inboxes = new Map<string, Inbox>()

  /** @internal */
  join(address: string, inbox: Inbox): void {
    if (this.#inboxes.has(address)) throw invalid(address, 'is in use')
    if (address === '' || Buffer.byteLength(address) > 512 || /\p{Surrogate}/u.test(address))
      throw invalid(address, 'is not 1 to 512 bytes of UTF-8')
    this.#inboxes.set(address, inbox)
  }

  /** @internal */
  leave(address: string): void {
    this.#inboxes.delete(address)
  }

  /** @internal */
  find(address: string): Inbox | undefined {
    return this.#inboxes.get(address)
  }
}

function invalid(address: string, why: string): StigmergyError {
  return new StigmergyError('STG_TRANSPORT_ADDRESS', `The address ${JSON.stringify(address)} ${why}.`, {
    details: { address },
  })
}
