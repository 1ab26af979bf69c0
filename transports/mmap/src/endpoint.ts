import { StigmergyError, type Endpoint, type EndpointOptions, type Offer } from '@stigmergy/core'
import type { Exchange } from './exchange.js'
import type { Link } from './link.js'
import type { EndpointPlace } from './roster.js'
import { throwUncaught } from './throw-uncaught.js'

export interface EndpointParts {
  readonly exchange: Exchange
  readonly options: EndpointOptions
  readonly place: EndpointPlace
  readonly maxFrameBytes: number
}

/** An endpoint of this member, with a link to each address that it has sent to. */
export class MappedEndpoint implements Endpoint {
  readonly address: string
  readonly maxFrameBytes: number
  readonly place: EndpointPlace
  readonly #exchange: Exchange
  readonly #options: EndpointOptions
  readonly #links = new Map<string, Link>()
  #closed = false

  constructor({ exchange, options, place, maxFrameBytes }: EndpointParts) {
    this.address = options.address
    this.maxFrameBytes = maxFrameBytes
    this.place = place
    this.#exchange = exchange
    this.#options = options
  }

  offer(to: string, frame: Uint8Array): Offer {
    if (frame.length > this.maxFrameBytes) throw tooLarge(frame.length, this.maxFrameBytes)
    return this.#linkTo(to)?.offer(frame) ?? 'closed'
  }

  async writable(to: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    await this.#linkTo(to)?.writable(signal)
  }

  /** Hands a frame to `receive`. */
  deliver(frame: Uint8Array, from: string): void {
    try {
      this.#options.receive(frame, from)
    } catch (error) {
      this.#report(error, from)
    }
  }

  /** Says that frames to or from a peer may have been lost. */
  lose(peer: string): void {
    this.#links.delete(peer)
    try {
      this.#options.onLost?.(peer)
    } catch (error) {
      throwUncaught(error)
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#exchange.close(this)
    for (const link of this.#links.values()) link.close()
    this.#links.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #linkTo(to: string): Link | undefined {
    const link = this.#links.get(to)
    if (link?.isOpen === true) return link
    link?.close()
    return this.#connect(to)
  }

  #connect(to: string): Link | undefined {
    const link = this.#closed ? undefined : this.#exchange.connect(this, to)
    if (link === undefined) this.#links.delete(to)
    else this.#links.set(to, link)
    return link
  }

  #report(error: unknown, from: string): void {
    if (this.#options.onError === undefined) return throwUncaught(error)
    try {
      this.#options.onError(error, from)
    } catch (thrown) {
      throwUncaught(thrown)
    }
  }
}

function tooLarge(bytes: number, maxFrameBytes: number): StigmergyError {
  const message = `A frame of ${bytes} bytes is over ${maxFrameBytes}.`
  return new StigmergyError('STG_TRANSPORT_FRAME_TOO_LARGE', message, { details: { bytes, maxFrameBytes } })
}
