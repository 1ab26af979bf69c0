import { StigmergyError, type Endpoint, type EndpointOptions, type Transport } from '@stigmergy/core'
import type { Hub } from './hub.js'

/** Exchanges frames with the other members of a cluster. */
export class NatsTransport implements Transport {
  readonly name = 'nats'
  readonly #hub: Hub
  #closing: Promise<void> | undefined

  constructor(hub: Hub) {
    this.#hub = hub
  }

  async open(options: EndpointOptions): Promise<Endpoint> {
    this.#checkOpen()
    const endpoint = await this.#hub.open(options)
    if (this.#closing !== undefined) await endpoint.close()
    this.#checkOpen()
    return endpoint
  }

  async close(): Promise<void> {
    await (this.#closing ??= this.#hub.close())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new StigmergyError('STG_CLOSED', 'The transport has been closed.')
  }
}
