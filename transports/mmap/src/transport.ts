import { StigmergyError, type Endpoint, type EndpointOptions, type Transport } from '@stigmergy/core'
import type { Exchange } from './exchange.js'

/** Exchanges frames with the other members of a node, through rings in mapped files. */
export class MappedTransport implements Transport {
  readonly name = 'mmap'
  readonly #exchange: Exchange
  #closing: Promise<void> | undefined

  constructor(exchange: Exchange) {
    this.#exchange = exchange
  }

  async open(options: EndpointOptions): Promise<Endpoint> {
    if (this.#closing !== undefined || this.#exchange.isOver)
      throw new StigmergyError('STG_CLOSED', 'The transport has been closed.')
    return this.#exchange.open(options)
  }

  async close(): Promise<void> {
    await (this.#closing ??= this.#close())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    await Promise.all(this.#exchange.endpoints.map((endpoint) => endpoint.close()))
    // Now nobody is inside a `receive` any more, whose frame would be unmapped.
    await this.#exchange.end()
  }
}
