import { StigmergyError, type Endpoint, type EndpointOptions, type Offer } from '@stigmergy/core'
import { Inbox } from './inbox.js'
import type { Lane, LaneLimits } from './lane.js'
import type { MemoryNetwork } from './network.js'

export interface EndpointLimits extends LaneLimits {
  readonly maxFrameBytes: number
}

export interface EndpointParts {
  readonly network: MemoryNetwork
  readonly options: EndpointOptions
  readonly limits: EndpointLimits
  readonly onClosed: (endpoint: MemoryEndpoint) => void
}

interface Route {
  readonly inbox: Inbox
  readonly lane: Lane
}

/** An endpoint on a network: an inbox for what others send, and a lane into the inbox of each address it has sent to. */
export class MemoryEndpoint implements Endpoint {
  readonly address: string
  readonly maxFrameBytes: number
  readonly #network: MemoryNetwork
  readonly #inbox: Inbox
  readonly #routes = new Map<string, Route>()
  readonly #onClosed: (endpoint: MemoryEndpoint) => void
  #closed = false

  constructor({ network, options, limits, onClosed }: EndpointParts) {
    this.address = options.address
    this.maxFrameBytes = limits.maxFrameBytes
    this.#network = network
    this.#inbox = new Inbox(options, limits)
    this.#onClosed = onClosed
    network.join(options.address, this.#inbox)
  }

  offer(to: string, frame: Uint8Array): Offer {
    if (frame.length > this.maxFrameBytes) throw tooLarge(frame.length, this.maxFrameBytes)
    return this.#laneTo(to)?.offer(frame) ?? 'closed'
  }

  async writable(to: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    await this.#laneTo(to)?.writable(signal)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#network.leave(this.address)
    this.#inbox.close()
    for (const { inbox, lane } of this.#routes.values()) inbox.disconnect(lane)
    this.#routes.clear()
    this.#onClosed(this)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #laneTo(to: string): Lane | undefined {
    return this.#routes.get(to)?.lane ?? this.#connect(to)
  }

  #connect(to: string): Lane | undefined {
    const inbox = this.#closed ? undefined : this.#network.find(to)
    if (inbox === undefined) return undefined
    const lane = inbox.connect(this.address, () => this.#routes.delete(to))
    this.#routes.set(to, { inbox, lane })
    return lane
  }
}

function tooLarge(bytes: number, maxFrameBytes: number): StigmergyError {
  const message = `A frame of ${bytes} bytes is over ${maxFrameBytes}.`
  return new StigmergyError('STG_TRANSPORT_FRAME_TOO_LARGE', message, { details: { bytes, maxFrameBytes } })
}
