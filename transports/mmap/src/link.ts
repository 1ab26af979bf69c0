import type { Offer } from '@stigmergy/core'
import { writeGreeting } from './greeting.js'
import type { Outbound } from './outbound.js'
import { frameKind } from './ring-layout.js'
import type { Flow } from './ring-writer.js'
import type { EndpointPlace } from './roster.js'

/** The endpoint that sends. */
export interface Sender {
  readonly address: string
  /** Called when frames to a peer may have been lost. */
  lose(peer: string): void
}

export interface LinkParts {
  readonly id: number
  readonly sender: Sender
  readonly to: string
  /** Of the endpoint that receives. */
  readonly place: EndpointPlace
}

/** The way from one endpoint of this member to one endpoint of a member. */
export class Link implements Flow {
  readonly id: number
  readonly sender: Sender
  readonly to: string
  readonly place: EndpointPlace
  /** Length of the frame that was refused last. Without it, `writable` would resolve while that frame still has no room. */
  refused = 0
  inFlight = 0
  readonly #outbound: Outbound
  #greeted = false
  #closed = false

  constructor(outbound: Outbound, parts: LinkParts) {
    this.id = parts.id
    this.sender = parts.sender
    this.to = parts.to
    this.place = parts.place
    this.#outbound = outbound
  }

  /** Whether both of its endpoints are open. */
  get isOpen(): boolean {
    return !this.#closed && this.#outbound.isOpen(this.place)
  }

  get hasGreeted(): boolean {
    return this.#greeted
  }

  offer(frame: Uint8Array): Offer {
    if (!this.#greet() || !this.#outbound.write(this, frameKind.data, frame)) {
      this.refused = frame.length
      return 'full'
    }
    this.refused = 0
    return 'sent'
  }

  async writable(signal?: AbortSignal): Promise<void> {
    await this.#outbound.wait(this, this.refused, signal)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#outbound.disconnect(this)
  }

  /** Called when its ring is going to be unmapped. */
  cut(): void {
    this.#closed = true
  }

  /** Tells the receiver, once, who it is that sends. */
  #greet(): boolean {
    this.#greeted ||= this.#outbound.write(this, frameKind.open, this.#greeting())
    return this.#greeted
  }

  #greeting(): Uint8Array {
    const { slot, generation } = this.place
    return writeGreeting({ slot, generation, from: this.sender.address })
  }
}
