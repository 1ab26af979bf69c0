import {
  StigmergyError,
  type FoundedNode,
  type NodeExchange,
  type NodeMember,
  type NodeOptions,
  type NodeTicket,
} from '@stigmergy/core'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { Door } from './door.js'
import { Hub } from './hub.js'
import { SocketMember } from './member.js'
import { settingsOf, type Settings, type SocketOptions } from './options.js'
import { Places } from './places.js'
import { Rendezvous } from './rendezvous.js'
import type { TicketData } from './ticket.js'

/** Workers of one machine exchange copies of values through a local socket. For a config: `transports: { node: socket() }`. */
export function socket(options?: SocketOptions): NodeExchange {
  const settings = settingsOf(options)
  return { name: 'socket', found: (node) => SocketNode.found(settings, node) }
}

const mostMembers = 1_024

/** A node as its founder sees it. */
class SocketNode implements FoundedNode {
  readonly member: NodeMember
  readonly #settings: Settings
  readonly #rendezvous: Rendezvous
  readonly #server: Server
  readonly #places: Places
  readonly #hub: Hub
  readonly #door: Door
  #closing: Promise<void> | undefined

  private constructor(settings: Settings, members: number, rendezvous: Rendezvous) {
    const server = createServer((socket) => this.#door.answer(socket))
    const keepAlive = (alive: boolean): unknown => (alive ? server.ref() : server.unref())
    this.#settings = settings
    this.#rendezvous = rendezvous
    this.#server = server
    this.#places = new Places(members)
    this.#hub = new Hub({ members, limits: settings.frames, keepAlive })
    const { maxFrameBytes } = settings.frames
    this.#door = new Door({ hub: this.#hub, places: this.#places, maxFrameBytes })
    const { exchange, load } = this.#hub
    this.member = new SocketMember({
      number: 0,
      exchange,
      load,
      store: settings.store,
      end: async () => load.close(),
    })
  }

  static async found(settings: Settings, { members }: NodeOptions): Promise<SocketNode> {
    if (!Number.isInteger(members) || members < 1 || members > mostMembers) throw tooMany(members)
    const rendezvous = Rendezvous.create(settings.directory)
    const node = new SocketNode(settings, members, rendezvous)
    try {
      await rendezvous.listen(node.#server)
    } catch (error) {
      rendezvous.remove()
      throw error
    }
    node.#server.unref()
    return node
  }

  admit(): NodeTicket {
    this.#checkOpen()
    const { member, token } = this.#places.promise()
    const { frames, store } = this.#settings
    const data: TicketData = {
      path: this.#rendezvous.path,
      member,
      token,
      members: this.#places.members,
      frames,
      store,
    }
    return { member, module: joinModule, data }
  }

  bury(member: number): void {
    this.#checkOpen()
    this.#places.free(member)
    this.#hub.cut(member)
  }

  async close(): Promise<void> {
    await (this.#closing ??= this.#close())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    await this.member.close()
    this.#server.ref()
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#door.close()
    await closed
    this.#rendezvous.remove()
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new StigmergyError('STG_CLOSED', 'The node has been closed.')
  }
}

/** Stands next to this file, in the sources as in what is built of them. */
const joinModule = new URL(import.meta.url.endsWith('.ts') ? './join.ts' : './join.js', import.meta.url).href

function tooMany(members: number): StigmergyError {
  const message = `A node has 1 to ${mostMembers} members, the founder included, not ${members}.`
  return new StigmergyError('STG_CONFIG_INVALID', message, { details: { members, most: mostMembers } })
}
