import type { ClusterMember, Journal, Register, Transport } from '@stigmergy/core'
import type { Connection } from './connection.js'
import { Entries } from './entries.js'
import { Hub } from './hub.js'
import { NatsJournal } from './journal.js'
import type { Names } from './names.js'
import type { Settings } from './options.js'
import { NatsRegister } from './register.js'
import { provideStreams } from './streams.js'
import { NatsTransport } from './transport.js'

/** A membership in a cluster, over a connection of its own. */
export class NatsMember implements ClusterMember {
  readonly transport: Transport
  readonly register: Register
  readonly journal: Journal
  readonly #connection: Connection
  readonly #followed: NatsRegister
  #closing: Promise<void> | undefined

  private constructor(connection: Connection, entries: Entries, names: Names, hub: Hub) {
    this.#connection = connection
    this.#followed = new NatsRegister(entries, names)
    this.transport = new NatsTransport(hub)
    this.register = this.#followed
    this.journal = new NatsJournal(connection, entries, names)
  }

  static async join(
    connection: Connection,
    names: Names,
    settings: Settings,
    member: string,
  ): Promise<NatsMember> {
    await provideStreams(connection, names, settings)
    const entries = new Entries(connection, names.registerStream)
    const hub = await Hub.start({ member, entries, names, settings })
    return new NatsMember(connection, entries, names, hub)
  }

  async close(): Promise<void> {
    await (this.#closing ??= this.#close())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    await this.transport.close()
    await this.#followed.close()
    await this.#connection.close()
  }
}
