import type { OpenAddress } from './address-book.js'
import type { Connection } from './connection.js'
import { Exchange, type TakenFrames, type Uplink } from './exchange.js'
import { SocketLoadTable } from './load-table.js'
import { Kind, type Message } from './message.js'
import type { TicketData } from './ticket.js'

/** The part of a member that is not the founder: all it says and hears goes over one connection. */
export class SpokeLink implements Uplink {
  readonly exchange: Exchange
  readonly load: SocketLoadTable
  readonly #connection: Connection

  constructor({ member, members, frames }: TicketData, connection: Connection) {
    this.exchange = new Exchange(member, frames, this)
    this.load = new SocketLoadTable(member, members, (numbers) => {
      connection.send(Kind.Load, numbers)
      connection.flush()
    })
    this.#connection = connection
  }

  open(request: number, address: string): void {
    this.#connection.send(Kind.Open, [request], Buffer.from(address))
  }

  close(id: number): void {
    this.#connection.send(Kind.Close, [id])
  }

  send(from: OpenAddress, to: OpenAddress, frame: Uint8Array): void {
    this.#connection.sendFrame(from.id, to.id, frame)
  }

  taken({ from, to, frames, bytes }: TakenFrames): void {
    this.#connection.send(Kind.Taken, [from.id, to.id, frames, bytes])
  }

  keepAlive(alive: boolean): void {
    this.#connection.keepAlive(alive)
  }

  hear(message: Message): void {
    const first = message.kind === Kind.Welcome ? 0 : message.number(0)
    switch (message.kind) {
      case Kind.Opened:
        return this.#opened(message)
      case Kind.Refused:
        return this.exchange.refused(first)
      case Kind.Closed:
        return this.exchange.closed(first)
      case Kind.Cut:
        return this.exchange.cut(first)
      case Kind.Lost:
        return this.exchange.lost(first)
      case Kind.Frame:
        return this.exchange.arrive(first, message.number(1), message.rest(2))
      case Kind.Taken:
        return this.#taken(message)
      case Kind.Load:
        return this.load.hear(first, message)
      default:
        throw new RangeError(`A founder does not say ${message.kind}.`)
    }
  }

  async end(): Promise<void> {
    this.load.close()
    this.exchange.end()
    await this.#connection.end()
  }

  #opened(message: Message): void {
    const address = Buffer.from(message.rest(3)).toString()
    this.exchange.opened({ id: message.number(0), member: message.number(1), address }, message.number(2))
  }

  #taken(message: Message): void {
    const from = this.exchange.book.get(message.number(0))
    const to = this.exchange.book.get(message.number(1))
    if (from !== undefined && to !== undefined)
      this.exchange.arrived({ from, to, frames: message.number(2), bytes: message.number(3) })
  }
}
