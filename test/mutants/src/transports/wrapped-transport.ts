import type { TransportSubject } from '@stigmergy/conformance'
import type { Endpoint, EndpointOptions, Offer, Transport } from '@stigmergy/core'
import { MemoryNetwork, MemoryTransport, type MemoryTransportOptions } from '@stigmergy/transport-memory'

/** What the transports of one world share. */
export class Hub {
  readonly network = new MemoryNetwork()
  readonly endpoints = new Map<string, WrappedEndpoint>()
}

/** A transport that is sound until a mutant overrides one of its steps. */
export class WrappedTransport implements Transport {
  readonly name = 'wrapped'
  readonly #memory: MemoryTransport

  constructor(protected readonly hub: Hub) {
    this.#memory = new MemoryTransport({ network: hub.network, ...this.limits() })
  }

  limits(): MemoryTransportOptions {
    return { maxFrameBytes: 2 ** 16, maxQueuedFrames: 256, maxQueuedBytes: 2 ** 18 }
  }

  async open(options: EndpointOptions): Promise<Endpoint> {
    const heard = this.hear(options)
    const endpoint = new WrappedEndpoint(this, heard, await this.#memory.open(heard))
    this.hub.endpoints.set(options.address, endpoint)
    return endpoint
  }

  /** What an endpoint does with what it hears. */
  hear(options: EndpointOptions): EndpointOptions {
    return options
  }

  offer(from: WrappedEndpoint, to: string, frame: Uint8Array): Offer {
    return from.memory.offer(to, frame)
  }

  async writable(from: WrappedEndpoint, to: string, signal?: AbortSignal): Promise<void> {
    await from.memory.writable(to, signal)
  }

  async closeEndpoint(endpoint: WrappedEndpoint): Promise<void> {
    await endpoint.memory.close()
  }

  async close(): Promise<void> {
    await this.#memory.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** Gives a frame to an endpoint outside of the transport's own delivery. */
export function handOver(options: EndpointOptions, frame: Uint8Array, from: string): void {
  try {
    options.receive(frame, from)
  } catch (error) {
    options.onError?.(error, from)
  }
}

/** An endpoint that asks its transport what to do. */
export class WrappedEndpoint implements Endpoint {
  constructor(
    readonly transport: WrappedTransport,
    readonly options: EndpointOptions,
    readonly memory: Endpoint,
  ) {}

  get address(): string {
    return this.memory.address
  }

  get maxFrameBytes(): number {
    return this.memory.maxFrameBytes
  }

  offer(to: string, frame: Uint8Array): Offer {
    return this.transport.offer(this, to, frame)
  }

  async writable(to: string, signal?: AbortSignal): Promise<void> {
    await this.transport.writable(this, to, signal)
  }

  async close(): Promise<void> {
    await this.transport.closeEndpoint(this)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

type WrappedClass = new (hub: Hub) => WrappedTransport

/** A subject whose worlds have so many transports of this class. */
export function subjectOf(Wrapped: WrappedClass, transports = 2): TransportSubject {
  return {
    name: Wrapped.name,
    runs: 20,
    deadlineMs: 500,
    create: async () => {
      const hub = new Hub()
      const others = Array.from({ length: transports - 1 }, () => new Wrapped(hub))
      return { transports: [new Wrapped(hub), ...others] }
    },
  }
}

/** A transport that breaks a law. */
export interface TransportMutant {
  readonly law: string
  readonly lawName: string
  readonly subject: TransportSubject
}

export function mutant(law: string, lawName: string, Wrapped: WrappedClass): TransportMutant {
  return { law, lawName, subject: subjectOf(Wrapped) }
}
