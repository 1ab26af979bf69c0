import type { EndpointOptions } from '@stigmergy/core'
import type { AddressBook } from './address-book.js'
import { alarm } from './alarm.js'
import { bellPath } from './bell.js'
import { Budget } from './budget.js'
import { Doorbell } from './doorbell.js'
import { MappedEndpoint } from './endpoint.js'
import type { Link, Sender } from './link.js'
import { LocalPeer } from './local-peer.js'
import type { Mapping } from './mapping.js'
import { Peer, type Surroundings } from './peer.js'
import { Pump, type PumpWork, type Served } from './pump.js'
import type { Incarnation } from './ring-file.js'
import { Seat } from './seat.js'
import { stage } from './roster-layout.js'
import type { Roster } from './roster.js'
import { throwUncaught } from './throw-uncaught.js'

export interface ExchangeParts {
  readonly self: Incarnation
  readonly mapping: Mapping
  readonly roster: Roster
  readonly book: AddressBook
  readonly directory: string
  readonly ringBytes: number
  readonly maxFrameBytes: number
}

/** One member's part in the exchange of frames: its endpoints, its peers, and when it looks for what has come. */
export class Exchange implements PumpWork {
  readonly pump: Pump
  readonly #parts: ExchangeParts
  readonly #around: Surroundings
  readonly #doorbell: Doorbell
  readonly #endpoints = new Map<number, MappedEndpoint>()
  readonly #local: LocalPeer
  #peers: Peer[] = []
  /** Which of them is served first. */
  #turn = 0
  /** By number: the first life of a member that is not known to be over. */
  readonly #nextLives: number[]
  #seenNews: number

  constructor(parts: ExchangeParts) {
    const { mapping, roster, self, directory, ringBytes } = parts
    const find = (slot: number, generation: number) => this.#find(slot, generation)
    const path = bellPath(directory, self.member, self.epoch)
    this.#parts = parts
    this.#around = { self, mapping, roster, directory, ringBytes, find }
    this.#doorbell = new Doorbell({ mapping, roster, member: self.member, path })
    this.pump = new Pump(this.#doorbell, this, new Seat(mapping, roster, self.member))
    this.#local = new LocalPeer(this.#around, () => this.pump.hurry())
    this.#seenNews = roster.news(self.member)
    this.#nextLives = Array.from({ length: roster.members }, (_, member) => roster.life(member).epoch)
  }

  get endpoints(): readonly MappedEndpoint[] {
    return [...this.#endpoints.values()]
  }

  /** Whether the founder has ended this membership, or the node. */
  get isOver(): boolean {
    const { roster, self } = this.#parts
    return !roster.isJoined(self.member, self.epoch)
  }

  open(options: EndpointOptions): MappedEndpoint {
    const { roster, self, book, maxFrameBytes } = this.#parts
    const place = roster.openEndpoint(self.member, self.epoch)
    try {
      book.enter(options.address, place)
    } catch (error) {
      roster.closeEndpoint(place)
      throw error
    }
    const endpoint = new MappedEndpoint({ exchange: this, options, place, maxFrameBytes })
    this.#endpoints.set(place.slot, endpoint)
    this.pump.start()
    return endpoint
  }

  /** Called by an endpoint that closes. Those who send to it, and those who wait for room in it, hear of it. */
  close(endpoint: MappedEndpoint): void {
    this.#endpoints.delete(endpoint.place.slot)
    this.#parts.roster.closeEndpoint(endpoint.place)
    this.#parts.book.remove(endpoint.address)
    this.#local.forget(endpoint)
    for (const peer of this.#peers) {
      peer.inbound?.forget(endpoint)
      if (peer.inbound !== undefined) peer.tell()
    }
    if (this.#endpoints.size === 0) this.pump.stop()
  }

  /** A link to an address. Undefined when nobody has it. */
  connect(endpoint: MappedEndpoint, to: string): Link | undefined {
    const { book, roster } = this.#parts
    const place = book.find(to)
    if (place === undefined || !roster.isOpen(place)) return undefined
    return this.#outboundTo(place).connect({ sender: endpoint, to, place })
  }

  serve(): Served {
    const budget = new Budget()
    if (this.#hasNews()) this.#readNews()
    this.#local.serve(budget)
    this.#turn += 1
    for (let at = 0; at < this.#peers.length; at += 1)
      this.#servePeer(this.#peers[(at + this.#turn) % this.#peers.length], budget)
    this.#serveWaits()
    if (this.#peers.some((peer) => peer.ended !== undefined)) this.#partWithEnded()
    return { some: budget.some, more: this.#hasFrames() }
  }

  hasWork(): boolean {
    this.#serveWaits()
    return this.#hasFrames() || this.#hasNews()
  }

  /** Ends this membership; the endpoints have closed before. */
  async end(): Promise<void> {
    const { roster, self, directory } = this.#parts
    this.pump.stop()
    roster.leave(self.member, self.epoch)
    alarm(roster, directory)
    for (const peer of this.#peers) peer.close()
    this.#peers = []
    await this.#doorbell.close()
  }

  #outboundTo({ member, epoch }: Incarnation) {
    if (member === this.#parts.self.member) return this.#local.outbound
    return this.#peer({ member, epoch }).connected()
  }

  #peer(one: Incarnation): Peer {
    const known = this.#peers.find((peer) => peer.member === one.member && peer.epoch === one.epoch)
    if (known !== undefined) return known
    const peer = new Peer(this.#around, one)
    this.#peers.push(peer)
    return peer
  }

  #find(slot: number, generation: number): MappedEndpoint | undefined {
    const endpoint = this.#endpoints.get(slot)
    return endpoint?.place.generation === generation ? endpoint : undefined
  }

  #servePeer(peer: Peer | undefined, budget: Budget): void {
    try {
      peer?.serve(budget)
    } catch (error) {
      peer?.mute()
      throwUncaught(error)
    }
  }

  #serveWaits(): void {
    this.#local.outbound.serveWaits()
    for (const peer of this.#peers) peer.outbound?.serveWaits()
  }

  #hasFrames(): boolean {
    return !this.#local.empty || this.#peers.some((peer) => peer.inbound?.empty === false)
  }

  #hasNews(): boolean {
    return this.#parts.roster.news(this.#parts.self.member) !== this.#seenNews
  }

  #readNews(): void {
    const { roster, self } = this.#parts
    this.#seenNews = roster.news(self.member)
    if (this.isOver) return this.#leaveAll()
    for (let member = 0; member < roster.members; member += 1)
      if (member !== self.member) this.#tryLookAt(member)
    for (const peer of this.#peers) if (peer.ended === undefined) peer.outbound?.purge()
    this.#local.outbound.purge()
  }

  /** What cannot be mapped must not keep this member from looking at the others. */
  #tryLookAt(member: number): void {
    try {
      this.#lookAt(member)
    } catch (error) {
      throwUncaught(error)
    }
  }

  /** Looks at the lives of a member since the last time. An earlier one can have sent something as well. */
  #lookAt(member: number): void {
    const { roster, self } = this.#parts
    const life = roster.life(member)
    for (let epoch = this.#nextLives[member] ?? 1; epoch <= life.epoch; epoch += 1) {
      const isPast = epoch < life.epoch
      if (isPast || roster.ring(self.member, member) === epoch) this.#peer({ member, epoch }).listen()
      if (isPast || life.stage >= stage.left)
        this.#setEnded({ member, epoch }, life.stage === stage.left && !isPast)
    }
  }

  #setEnded({ member, epoch }: Incarnation, hasLeft: boolean): void {
    const peer = this.#peers.find((one) => one.member === member && one.epoch === epoch)
    if (peer !== undefined) peer.ended ??= hasLeft ? 'left' : 'lost'
  }

  /** Lets go of members that are gone, once all that they had sent has been received. */
  #partWithEnded(): void {
    for (const peer of this.#peers)
      if (peer.ended !== undefined && peer.inbound?.empty !== false) this.#partWith(peer)
  }

  #partWith(peer: Peer): void {
    if (peer.ended === 'lost') this.#lose(peer)
    else this.#drop(peer)
  }

  /** Tells each endpoint once of each of its peers there. */
  #lose(peer: Peer): void {
    const lost = new Map<Sender, Set<string>>()
    const add = (endpoint: Sender, address: string): void => {
      lost.set(endpoint, (lost.get(endpoint) ?? new Set()).add(address))
    }
    for (const { receiver, from } of peer.inbound?.lines ?? []) add(receiver, from)
    for (const { sender, to } of peer.outbound?.links ?? []) add(sender, to)
    this.#drop(peer)
    for (const [endpoint, addresses] of lost) for (const address of addresses) endpoint.lose(address)
  }

  #drop(peer: Peer): void {
    this.#peers = this.#peers.filter((one) => one !== peer)
    if (peer.ended !== undefined) this.#nextLives[peer.member] = peer.epoch + 1
    peer.close()
  }

  /** This member was given up by the founder, or the node has been closed. */
  #leaveAll(): void {
    for (const peer of this.#peers) this.#lose(peer)
    for (const endpoint of this.endpoints) void endpoint.close()
  }
}
