import type { LoadTable, NodeMember, ObjectStore, Transport } from '@stigmergy/core'
import { AddressBook } from './address-book.js'
import { Exchange } from './exchange.js'
import { MappedLoadTable } from './load-table.js'
import type { Mapping } from './mapping.js'
import type { Roster } from './roster.js'
import { openMappedStore } from './store.js'
import type { TicketData } from './ticket.js'
import { MappedTransport } from './transport.js'

/** A member of a node, in its own thread or process. */
export class MappedMember implements NodeMember {
  readonly number: number
  readonly store: ObjectStore
  readonly transport: Transport
  readonly load: LoadTable
  readonly #roster: Roster
  #closing: Promise<void> | undefined

  /** For a place that has been taken up. */
  constructor(mapping: Mapping, roster: Roster, ticket: TicketData) {
    const { directory, member, epoch, ringBytes, maxFrameBytes, waitMs } = ticket
    const book = new AddressBook(directory)
    const self = { member, epoch }
    this.#roster = roster
    this.number = member
    this.store = openMappedStore(mapping, directory, { member, ...(waitMs === undefined ? {} : { waitMs }) })
    this.transport = new MappedTransport(
      new Exchange({ self, mapping, roster, book, directory, ringBytes, maxFrameBytes }),
    )
    this.load = new MappedLoadTable(roster, member)
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
    this.#roster.close()
  }
}
