import type { LoadTable, NodeMember, ObjectStore, Transport } from '@stigmergy/core'
import { MemoryObjectStore } from '@stigmergy/transport-memory'
import type { Exchange } from './exchange.js'
import type { StoreLimits } from './options.js'
import { SocketTransport } from './transport.js'

export interface MemberParts {
  readonly number: number
  readonly exchange: Exchange
  readonly load: LoadTable
  readonly store: StoreLimits
  /** Ends the membership; the endpoints have closed before. */
  readonly end: () => Promise<void>
}

/** A member of a node, in its own thread or process. */
export class SocketMember implements NodeMember {
  readonly number: number
  readonly store: ObjectStore
  readonly transport: Transport
  readonly load: LoadTable
  readonly copiesValues = true
  readonly #end: () => Promise<void>
  #closing: Promise<void> | undefined

  constructor({ number, exchange, load, store, end }: MemberParts) {
    this.number = number
    this.store = new MemoryObjectStore(store)
    this.transport = new SocketTransport(exchange)
    this.load = load
    this.#end = end
  }

  async close(): Promise<void> {
    await (this.#closing ??= this.#close())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    await this.transport.close()
    await this.store.close()
    await this.#end()
  }
}
