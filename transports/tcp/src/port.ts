import {
  CborCodec,
  StigmergyError,
  type StoreHandle,
  type ValuePort,
  type ValuePortOptions,
} from '@stigmergy/core'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { formatAddress, parseAddress } from './address.js'
import { Door } from './door.js'
import { Fetch } from './fetch.js'
import type { Acquaintance } from './handshake.js'
import { keyBytes } from './keys.js'
import { chunkKey, LentValues, nameOf } from './lent-values.js'
import type { Line } from './line.js'
import { Link } from './link.js'
import { lost } from './lost.js'
import type { Settings } from './options.js'
import { Peer, type PeerParts } from './peer.js'
import { Rooms } from './rooms.js'
import { notATicket, TicketPress, type Ticket } from './ticket.js'

/** A port of `tcp`. */
export interface TcpValuePort extends ValuePort {
  /** Where it listens on this machine, which `address` need not tell: `host:port`. */
  readonly listening: string
  /**
   * `peers`: nodes that it is connected to; `strangers`: connections that have not shown yet that they know the secret; `refused`: those that
   * were cut off because they have not.
   */
  readonly connections: { readonly peers: number; readonly strangers: number; readonly refused: number }
}

export async function openPort(settings: Settings, options: ValuePortOptions): Promise<TcpValuePort> {
  if (options.secret.length !== keyBytes) throw wrongSecret(options.secret.length)
  const server = createServer({ pauseOnConnect: true })
  await listen(server, settings)
  return new Port(settings, options, server)
}

class Port implements TcpValuePort {
  readonly address: string
  readonly listening: string
  readonly #settings: Settings
  readonly #options: ValuePortOptions
  readonly #server: Server
  readonly #press: TicketPress
  readonly #lent: LentValues
  readonly #rooms: Rooms
  readonly #door: Door
  readonly #peerParts: Omit<PeerParts, 'idle'>
  readonly #peers = new Map<string, Peer>()
  /** Connections, each until it is closed. */
  readonly #links = new Map<Link, Promise<void>>()
  readonly #fetches = new Map<string, Fetch>()
  #moments = 0
  #closing: Promise<void> | undefined

  constructor(settings: Settings, options: ValuePortOptions, server: Server) {
    const { store, secret, codec = new CborCodec() } = options
    const { advertise, chunkBytes, clock, timeouts, limits } = settings
    const { address: host, port } = server.address() as AddressInfo
    const told = parseAddress(advertise ?? settings.host, port) ?? { host, port }
    this.listening = formatAddress({ host, port })
    this.address = formatAddress(told)
    this.#settings = settings
    this.#options = options
    this.#server = server
    this.#press = new TicketPress(secret)
    this.#lent = new LentValues({
      store,
      codec,
      secret,
      chunkBytes,
      most: limits.lent,
      encodedBytes: limits.encodedBytes,
    })
    this.#rooms = new Rooms(store, codec, limits.arrivingBytes)
    const self = { address: this.address, secret }
    const tick = (): number => (this.#moments += 1)
    this.#peerParts = {
      self,
      clock,
      tick,
      handshakeMs: timeouts.handshakeMs,
      giveUpMs: timeouts.giveUpMs,
      link: (line, acquaintance) => this.#linkOf(line, acquaintance),
    }
    this.#door = new Door({
      server,
      self,
      clock,
      tick,
      handshakeMs: timeouts.handshakeMs,
      mostStrangers: limits.strangers,
      admits: (address, begunAt) => this.#peers.get(address)?.admits(begunAt) ?? true,
      met: (line, acquaintance) =>
        this.#peer(acquaintance.address).introduce(this.#linkOf(line, acquaintance), false),
    })
  }

  get usage(): ValuePort['usage'] {
    const sending = [...this.#links.keys()].reduce((sum, link) => sum + link.sending, 0)
    return { lent: this.#lent.size, sending, receiving: this.#fetches.size }
  }

  get connections(): TcpValuePort['connections'] {
    const peers = [...this.#peers.values()].filter(({ isLinked }) => isLinked).length
    return { peers, strangers: this.#door.strangers, refused: this.#door.refused }
  }

  lend(handle: StoreHandle): Uint8Array {
    this.#checkOpen()
    const { id, kind, bytes } = this.#lent.add(handle)
    const { chunkBytes } = this.#settings
    return this.#press.write({
      address: this.address,
      id,
      kind,
      bytes,
      accounted: handle.bytes,
      chunkBytes,
    })
  }

  reclaim(ticket: Uint8Array): void {
    this.#checkOpen()
    const { address, id } = this.#press.read(ticket)
    if (address !== this.address) throw notATicket()
    const lent = this.#lent.remove(id)
    if (lent !== undefined) for (const link of this.#links.keys()) link.reclaimed(lent)
  }

  async fetch(bytes: Uint8Array, signal?: AbortSignal): Promise<StoreHandle> {
    this.#checkOpen()
    const ticket = this.#press.read(bytes)
    signal?.throwIfAborted()
    if (ticket.address === this.address) return this.#own(ticket)
    return (this.#fetches.get(nameOf(ticket.id)) ?? this.#begin(ticket)).join(signal)
  }

  async close(): Promise<void> {
    await (this.#closing ??= this.#close())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const fetch of this.#fetches.values()) fetch.fail(portClosed())
    this.#rooms.close()
    this.#door.close()
    for (const peer of this.#peers.values()) peer.close()
    await Promise.all([closed, ...this.#links.values()])
    this.#lent.clear()
  }

  /** What was lent here is here. */
  #own(ticket: Ticket): StoreHandle {
    const lent = this.#lent.find(ticket.id)
    if (lent === undefined) throw lost({ ticket, offset: 0 }, 'reclaimed', 'it has been reclaimed')
    this.#options.store.retain(lent.handle)
    return lent.handle
  }

  #begin(ticket: Ticket): Fetch {
    const { limits, clock } = this.#settings
    if (this.#fetches.size >= limits.receiving) throw tooMany(limits.receiving)
    const name = nameOf(ticket.id)
    const fetch: Fetch = new Fetch({
      ticket,
      key: chunkKey(this.#options.secret, ticket.id),
      store: this.#options.store,
      rooms: this.#rooms,
      clock,
      seek: () => this.#peer(ticket.address).seek(fetch),
      over: () => {
        this.#fetches.delete(name)
        this.#peers.get(ticket.address)?.forget(fetch)
      },
    })
    this.#fetches.set(name, fetch)
    void fetch.begin()
    return fetch
  }

  #peer(address: string): Peer {
    const known = this.#peers.get(address)
    if (known !== undefined) return known
    const idle = (): void => void this.#peers.delete(address)
    const peer = new Peer(address, { ...this.#peerParts, idle })
    this.#peers.set(address, peer)
    return peer
  }

  #linkOf(line: Line, acquaintance: Acquaintance): Link {
    const { chunkBytes, limits, timeouts, clock } = this.#settings
    const link = new Link(line, acquaintance, {
      store: this.#options.store,
      lent: this.#lent,
      chunkBytes,
      clock,
      windowBytes: limits.windowBytes,
      silenceMs: timeouts.silenceMs,
    })
    const closed = new Promise<void>((resolve) => {
      line.onClosed(() => {
        this.#links.delete(link)
        this.#peers.get(acquaintance.address)?.lost(link)
        link.close()
        resolve()
      })
    })
    this.#links.set(link, closed)
    return link
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw portClosed()
  }
}

async function listen(server: Server, { host, port }: Settings): Promise<void> {
  server.listen({ host, port })
  try {
    await once(server, 'listening')
  } catch (cause) {
    const message = `Nothing can listen on ${host}, port ${port}: ${String(cause)}. Choose another, or 0 for any that is free.`
    throw new StigmergyError('STG_CLUSTER_UNAVAILABLE', message, { cause, details: { host, port } })
  }
}

function portClosed(): StigmergyError {
  return new StigmergyError('STG_CLOSED', 'The port for values has been closed.')
}

function wrongSecret(bytes: number): StigmergyError {
  const message = `The secret of a cluster has ${keyBytes} bytes, not ${bytes}; give the same random ones to all nodes.`
  return new StigmergyError('STG_CONFIG_INVALID', message, { details: { name: 'secret', bytes } })
}

function tooMany(receiving: number): StigmergyError {
  const message = `${receiving} values are being fetched already; raise limits.receiving, or fetch fewer at a time.`
  return new StigmergyError('STG_STORE_FULL', message, { retryable: true, details: { receiving } })
}
