import { StigmergyError, type Endpoint, type EndpointOptions, type Transport } from '@stigmergy/core'
import { MemoryEndpoint, type EndpointLimits } from './endpoint.js'
import { limit } from './limits.js'
import { MemoryNetwork } from './network.js'

export interface MemoryTransportOptions {
  /** Shared by transports that are to see each other. Default: a network of its own. */
  readonly network?: MemoryNetwork
  /** The largest frame, in bytes. Default 1 MiB. */
  readonly maxFrameBytes?: number
  /** Frames that may be under way from one sender to one receiver. Default 1,024. */
  readonly maxQueuedFrames?: number
  /** Bytes that may be under way from one sender to one receiver. Default 8 MiB. */
  readonly maxQueuedBytes?: number
}

/** Exchanges frames inside one process. A frame arrives in a later turn of the event loop, never from within `offer`. */
export class MemoryTransport implements Transport {
  readonly name = 'memory'
  readonly #network: MemoryNetwork
  readonly #limits: EndpointLimits
  readonly #endpoints = new Set<MemoryEndpoint>()
  #closed = false

  constructor(options: MemoryTransportOptions = {}) {
    this.#network = options.network ?? new MemoryNetwork()
    this.#limits = {
      maxFrameBytes: limit('maxFrameBytes', options.maxFrameBytes ?? 2 ** 20, 1),
      maxQueuedFrames: limit('maxQueuedFrames', options.maxQueuedFrames ?? 1_024, 1),
      maxQueuedBytes: limit('maxQueuedBytes', options.maxQueuedBytes ?? 2 ** 23, 1),
    }
  }

  async open(options: EndpointOptions): Promise<Endpoint> {
    if (this.#closed) throw new StigmergyError('STG_CLOSED', 'The transport has been closed.')
    const endpoint = new MemoryEndpoint({
      network: this.#network,
      options,
      limits: this.#limits,
      onClosed: (closed) => this.#endpoints.delete(closed),
    })
    this.#endpoints.add(endpoint)
    return endpoint
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#endpoints].map((endpoint) => endpoint.close()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** A transport inside one process, for a config. */
export function memory(options?: MemoryTransportOptions): Transport {
  return new MemoryTransport(options)
}
