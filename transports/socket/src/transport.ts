import { StigmergyError, type Endpoint, type EndpointOptions, type Transport } from '@stigmergy/core'
import type { Exchange } from './exchange.js'

/** Exchanges frames with the other members of a node, through a socket. */
export class SocketTransport implements Transport {
  readonly name = 'socket'
  readonly #exchange: Exchange
  #closing: Promise<void> | undefined

  constructor(exchange: Exchange) {
    this.#exchange = exchange
  }

  async open(options: EndpointOptions): Promise<Endpoint> {
    this.#checkOpen()
    const endpoint = await this.#exchange.open(options)
    if (this.#closing !== undefined) await endpoint.close()
    this.#checkOpen()
    return endpoint
  }

  async close(): Promise<void> {
    await (this.#closing ??= this.#close())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    await Promise.all(this.#exchange.endpoints.map((endpoint) => endpoint.close()))
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new StigmergyError('STG_CLOSED', 'The transport has been closed.')
  }
}
