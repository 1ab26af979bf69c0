import { StigmergyError, type Endpoint, type EndpointOptions, type Offer } from '@stigmergy/core'
import type { OpenAddress } from './address-book.js'
import type { Exchange } from './exchange.js'
import { Inbox } from './inbox.js'
import type { FrameLimits } from './options.js'
import { Outbound } from './outbound.js'

export interface EndpointParts {
  readonly exchange: Exchange
  readonly place: OpenAddress
  readonly limits: FrameLimits
  readonly options: EndpointOptions
}

/** An endpoint of this member. */
export class SocketEndpoint implements Endpoint {
  readonly place: OpenAddress
  readonly maxFrameBytes: number
  readonly #exchange: Exchange
  readonly #limits: FrameLimits
  readonly #inbox: Inbox
  readonly #outbound = new Map<string, Outbound>()
  /** The endpoints of which it is told when they are lost: it has sent to them, or heard of them. */
  readonly #met = new Set<OpenAddress>()
  #closing: Promise<void> | undefined

  constructor({ exchange, place, limits, options }: EndpointParts) {
    this.place = place
    this.maxFrameBytes = limits.maxFrameBytes
    this.#exchange = exchange
    this.#limits = limits
    this.#inbox = new Inbox(options, (from, frames, bytes) =>
      exchange.taken({ from, to: place, frames, bytes }),
    )
  }

  get address(): string {
    return this.place.address
  }

  offer(to: string, frame: Uint8Array): Offer {
    if (frame.length > this.maxFrameBytes) throw tooLarge(frame.length, this.maxFrameBytes)
    const outbound = this.#outboundTo(to)
    if (outbound === undefined) return 'closed'
    if (!outbound.take(frame.length)) return 'full'
    this.#exchange.send(this.place, outbound.to, frame)
    return 'sent'
  }

  async writable(to: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    await this.#outboundTo(to)?.writable(signal)
  }

  async close(): Promise<void> {
    await (this.#closing ??= this.#close())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** A frame has come, which nobody is going to change. */
  arrive(from: OpenAddress, frame: Uint8Array): void {
    if (this.#closing !== undefined) return
    this.#met.add(from)
    this.#inbox.add(from, frame)
  }

  /** A peer has taken frames. */
  arrived(at: OpenAddress, frames: number, bytes: number): void {
    const outbound = this.#outbound.get(at.address)
    if (outbound?.to === at) outbound.arrived(frames, bytes)
  }

  /** A peer takes nothing any more. */
  cut(peer: OpenAddress): void {
    const outbound = this.#outbound.get(peer.address)
    if (outbound?.to !== peer) return
    this.#outbound.delete(peer.address)
    outbound.close()
  }

  /** A peer has closed. */
  part(peer: OpenAddress): void {
    this.cut(peer)
    this.#met.delete(peer)
  }

  /** A peer is gone; what has come of it is received first. */
  lose(peer: OpenAddress): void {
    this.cut(peer)
    if (this.#met.delete(peer) && this.#closing === undefined) this.#inbox.add(peer, undefined)
  }

  async #close(): Promise<void> {
    this.#inbox.close()
    for (const outbound of this.#outbound.values()) outbound.close()
    this.#outbound.clear()
    this.#met.clear()
    await this.#exchange.close(this)
  }

  #outboundTo(to: string): Outbound | undefined {
    return this.#outbound.get(to) ?? this.#connect(to)
  }

  #connect(to: string): Outbound | undefined {
    const place = this.#closing === undefined ? this.#exchange.find(to) : undefined
    if (place === undefined) return undefined
    const outbound = new Outbound(place, this.#limits)
    this.#outbound.set(to, outbound)
    this.#met.add(place)
    return outbound
  }
}

function tooLarge(bytes: number, maxFrameBytes: number): StigmergyError {
  const message = `A frame of ${bytes} bytes is over ${maxFrameBytes}.`
  return new StigmergyError('STG_TRANSPORT_FRAME_TOO_LARGE', message, { details: { bytes, maxFrameBytes } })
}
