import type { Clock } from '@stigmergy/core'
import type { Server, Socket } from 'node:net'
import { answer, type Acquaintance, type Self } from './handshake.js'
import { Line } from './line.js'
import { Violation } from './violation.js'

export interface DoorParts {
  readonly server: Server
  readonly self: Self
  readonly clock: Clock
  readonly handshakeMs: number
  readonly mostStrangers: number
  /** As `Peer.admits`, of the peer with this address. */
  readonly admits: (address: string, begunAt: number) => boolean
  readonly met: (line: Line, acquaintance: Acquaintance) => void
  readonly tick: () => number
}

/** Lets those in who know the secret. Everybody else has a little time, and is counted. */
export class Door {
  readonly #parts: DoorParts
  /** The longest waiting first. */
  readonly #strangers = new Set<Line>()
  #refused = 0
  #isClosed = false

  constructor(parts: DoorParts) {
    this.#parts = parts
    parts.server.on('connection', (socket) => this.#open(socket))
  }

  /** Connections that have not shown yet that they know the secret. */
  get strangers(): number {
    return this.#strangers.size
  }

  /** Connections that were cut off because they have not. */
  get refused(): number {
    return this.#refused
  }

  close(): void {
    this.#isClosed = true
    for (const line of this.#strangers) line.destroy()
  }

  #open(socket: Socket): void {
    if (this.#isClosed) return void socket.destroy()
    const { self, clock, handshakeMs, admits, met, tick } = this.#parts
    this.#makeRoom()
    const line = Line.accept(socket)
    const begunAt = tick()
    let isKnown = false
    const timer = clock.setTimer(clock.now() + handshakeMs, () => line.destroy(new Violation('Too slow.')))
    this.#strangers.add(line)
    line.onClosed(() => {
      timer.cancel()
      this.#strangers.delete(line)
      if (!isKnown && !this.#isClosed) this.#refused += 1
    })
    answer(line, self, {
      admits: (address) => {
        const isAdmitted = admits(address, begunAt)
        isKnown ||= !isAdmitted
        return isAdmitted
      },
      met: (acquaintance) => {
        isKnown = true
        timer.cancel()
        this.#strangers.delete(line)
        met(line, acquaintance)
      },
    })
  }

  /** Who knows the secret needs an instant to show it, so it is the oldest that has to go. */
  #makeRoom(): void {
    if (this.#strangers.size < this.#parts.mostStrangers) return
    const [oldest] = this.#strangers
    if (oldest === undefined) return
    this.#strangers.delete(oldest)
    oldest.destroy(new Violation('Too many strangers.'))
  }
}
