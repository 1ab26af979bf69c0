import type { OpenAddress } from './address-book.js'
import type { Connection } from './connection.js'
import { Exchange, type TakenFrames, type Uplink } from './exchange.js'
import { SocketLoadTable } from './load-table.js'
import { Kind, type Message } from './message.js'
import type { FrameLimits } from './options.js'

export interface HubParts {
  readonly members: number
  readonly limits: FrameLimits
  /** Called with whether the process lives on for what members may say. */
  readonly keepAlive: (alive: boolean) => void
}

/** A member that has joined. */
interface Spoke {
  readonly member: number
  readonly connection: Connection
  /** Its endpoints. */
  readonly ids: Set<number>
  /** It was given up: what it had sent is still passed on. */
  isCut: boolean
}

/** The founder's part: it gives out addresses, tells everybody of them, and passes frames on. */
export class Hub implements Uplink {
  readonly exchange: Exchange
  readonly load: SocketLoadTable
  readonly #keepAlive: (alive: boolean) => void
  readonly #spokes = new Map<number, Spoke>()
  #lastId = 0

  constructor({ members, limits, keepAlive }: HubParts) {
    this.exchange = new Exchange(0, limits, this)
    this.load = new SocketLoadTable(0, members, (numbers) => this.#tellAll(Kind.Load, numbers))
    this.#keepAlive = keepAlive
  }

  /** A member has taken up its place. Returns what is done with its messages, and at their end. */
  join(
    member: number,
    connection: Connection,
  ): { readonly hear: (message: Message) => void; readonly gone: () => void } {
    const spoke: Spoke = { member, connection, ids: new Set(), isCut: false }
    this.load.clear(member)
    for (const place of this.exchange.book.all)
      if (this.exchange.find(place.address) === place) tellOpened(connection, place, 0)
    connection.send(Kind.Load, this.load.own)
    connection.send(Kind.Welcome, [])
    this.#spokes.set(member, spoke)
    return { hear: (message) => this.#hear(spoke, message), gone: () => this.#gone(spoke) }
  }

  /** Gives a member up: nothing is for it any more; what it had sent is passed on, and then its peers hear that it is lost. */
  cut(member: number): void {
    const spoke = this.#spokes.get(member)
    this.load.clear(member)
    if (spoke === undefined) return
    this.#spokes.delete(member)
    spoke.isCut = true
    for (const id of spoke.ids) {
      this.exchange.cut(id)
      this.#tellAll(Kind.Cut, [id])
    }
    spoke.connection.drain()
  }

  open(request: number, address: string): void {
    this.#open(undefined, request, address)
  }

  close(id: number): void {
    this.exchange.closed(id)
    this.#tellAll(Kind.Closed, [id])
  }

  send(from: OpenAddress, to: OpenAddress, frame: Uint8Array): void {
    this.#spokes.get(to.member)?.connection.sendFrame(from.id, to.id, frame)
  }

  taken({ from, to, frames, bytes }: TakenFrames): void {
    this.#spokes.get(from.member)?.connection.send(Kind.Taken, [from.id, to.id, frames, bytes])
  }

  keepAlive(alive: boolean): void {
    this.#keepAlive(alive)
  }

  #hear(spoke: Spoke, message: Message): void {
    if (message.kind === Kind.Frame) this.#passFrame(message)
    else if (message.kind === Kind.Taken) this.#passTaken(message)
    else if (!spoke.isCut) this.#serve(spoke, message)
  }

  #serve(spoke: Spoke, message: Message): void {
    switch (message.kind) {
      case Kind.Open:
        return this.#open(spoke, message.number(0), Buffer.from(message.rest(1)).toString())
      case Kind.Close:
        if (spoke.ids.delete(message.number(0))) this.close(message.number(0))
        return
      case Kind.Load:
        return this.load.hear(spoke.member, message)
      default:
        throw new RangeError(`A member does not say ${message.kind}.`)
    }
  }

  /** Without a spoke, the founder asks. */
  #open(spoke: Spoke | undefined, request: number, address: string): void {
    if (this.exchange.find(address) !== undefined) {
      if (spoke === undefined) this.exchange.refused(request)
      else spoke.connection.send(Kind.Refused, [request])
      return
    }
    const place = { id: this.#newId(), address, member: spoke?.member ?? 0 }
    spoke?.ids.add(place.id)
    this.exchange.opened(place, request)
    for (const { connection } of this.#spokes.values()) tellOpened(connection, place, request)
  }

  /** Numbers start again after 2^32, and those in use are left out. */
  #newId(): number {
    do this.#lastId = (this.#lastId + 1) % 2 ** 32
    while (this.exchange.book.get(this.#lastId) !== undefined)
    return this.#lastId
  }

  #passFrame(message: Message): void {
    const to = this.exchange.book.get(message.number(1))
    if (to?.member === 0) this.exchange.arrive(message.number(0), to.id, message.rest(2))
    else if (to !== undefined) this.#spokes.get(to.member)?.connection.pass(message)
  }

  #passTaken(message: Message): void {
    const from = this.exchange.book.get(message.number(0))
    if (from === undefined) return
    if (from.member !== 0) return this.#spokes.get(from.member)?.connection.pass(message)
    const to = this.exchange.book.get(message.number(1))
    if (to !== undefined)
      this.exchange.arrived({ from, to, frames: message.number(2), bytes: message.number(3) })
  }

  #gone(spoke: Spoke): void {
    if (this.#spokes.get(spoke.member) === spoke) this.#spokes.delete(spoke.member)
    for (const id of spoke.ids) {
      this.exchange.lost(id)
      this.#tellAll(Kind.Lost, [id])
    }
  }

  #tellAll(kind: number, numbers: readonly number[]): void {
    for (const { connection } of this.#spokes.values()) {
      connection.send(kind, numbers)
      if (kind === Kind.Load) connection.flush()
    }
  }
}

function tellOpened(connection: Connection, { id, member, address }: OpenAddress, request: number): void {
  connection.send(Kind.Opened, [id, member, request], Buffer.from(address))
}
