import type { Socket } from 'node:net'
import { Connection } from './connection.js'
import type { Hub } from './hub.js'
import { Kind, largestBytesOf, type Message } from './message.js'
import type { Places } from './places.js'

/** A ticket is not larger. */
const largestHelloBytes = 128
/** Whoever connects has so long to present a ticket, in ms. */
const helloMs = 10_000

export interface DoorParts {
  readonly hub: Hub
  readonly places: Places
  readonly maxFrameBytes: number
}

/** Lets those in that have a ticket. */
export class Door {
  readonly #parts: DoorParts
  readonly #connections = new Set<Connection>()

  constructor(parts: DoorParts) {
    this.#parts = parts
  }

  /** Somebody has connected. */
  answer(socket: Socket): void {
    let inside: ReturnType<Hub['join']> | undefined
    const connection = new Connection(socket, largestHelloBytes, {
      message: (message) => {
        if (inside !== undefined) inside.hear(message)
        else inside = this.#letIn(connection, message)
      },
      closed: () => {
        this.#connections.delete(connection)
        inside?.gone()
      },
    })
    this.#connections.add(connection)
    connection.keepAlive(false)
    connection.limitSilence(helloMs)
  }

  /** Everybody has to leave. */
  close(): void {
    for (const connection of this.#connections) connection.destroy()
  }

  #letIn(connection: Connection, message: Message): ReturnType<Hub['join']> | undefined {
    const { hub, places, maxFrameBytes } = this.#parts
    const member = message.number(0)
    if (message.kind !== Kind.Hello || !places.takeUp(member, message.rest(1)))
      return void connection.destroy()
    connection.limitSilence(0)
    connection.allow(largestBytesOf(maxFrameBytes))
    return hub.join(member, connection)
  }
}
