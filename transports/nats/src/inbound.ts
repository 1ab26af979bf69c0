import { firstWindowBytes } from './outgoing.js'

export interface InboundLimits {
  /** Under way from one endpoint to another. */
  readonly maxQueuedBytes: number
  /** Under way from all endpoints to those of this member. */
  readonly maxInboundBytes: number
}

/** Shares what may be under way to this member between those that send to it, so that all together do not flood its connection. */
export class Inbound {
  readonly #limits: InboundLimits
  readonly #senders = new Set<object>()

  constructor(limits: InboundLimits) {
    this.#limits = limits
  }

  /** What one sender may have under way. */
  get windowBytes(): number {
    const { maxQueuedBytes, maxInboundBytes } = this.#limits
    const share = Math.floor(maxInboundBytes / Math.max(1, this.#senders.size))
    return Math.min(maxQueuedBytes, Math.max(firstWindowBytes, share))
  }

  add(sender: object): void {
    this.#senders.add(sender)
  }

  remove(sender: object): void {
    this.#senders.delete(sender)
  }
}
