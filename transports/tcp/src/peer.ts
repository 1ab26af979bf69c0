import type { Clock, Timer } from '@stigmergy/core'
import { parseAddress } from './address.js'
import type { Fetch } from './fetch.js'
import { greet, type Acquaintance, type Self } from './handshake.js'
import { Line } from './line.js'
import type { Link } from './link.js'
import { Violation } from './violation.js'

export interface PeerParts {
  readonly self: Self
  readonly clock: Clock
  readonly handshakeMs: number
  readonly giveUpMs: number
  /** Makes a link of a line whose ends know each other, and closes it with the line. */
  readonly link: (line: Line, acquaintance: Acquaintance) => Link
  /** Counts moments of all peers: what is later has a higher number. */
  readonly tick: () => number
  /** Called when nothing is wanted of it and there is no connection. */
  readonly idle: () => void
}

/** Before a call is repeated, in ms; twice as long each time. */
const firstPauseMs = 20
const longestPauseMs = 2_000

/** Another node: the one connection to it, or the attempt to get one as long as somebody wants something of it. */
export class Peer {
  readonly #parts: PeerParts
  /** What waits for a connection, each until its deadline. */
  readonly #seeking = new Map<Fetch, Timer>()
  #link: { readonly link: Link; readonly isOwnCall: boolean; readonly madeAt: number } | undefined
  #call: Line | undefined
  #pause: Timer | undefined
  #pauseMs = firstPauseMs
  #cause: Error | undefined

  constructor(
    readonly address: string,
    parts: PeerParts,
  ) {
    this.#parts = parts
  }

  get isLinked(): boolean {
    return this.#link !== undefined
  }

  /**
   * Whether a call from there that began at the moment `begunAt` is to go through. When both call each other at one moment, the call of
   * the node with the lower address does.
   */
  admits(begunAt: number): boolean {
    if (this.#parts.self.address > this.address) return true
    const isCrossing = this.#link !== undefined && this.#link.isOwnCall && this.#link.madeAt > begunAt
    return this.#call === undefined && !isCrossing
  }

  /** Asks for a value as soon as there is a connection. */
  seek(fetch: Fetch): void {
    if (this.#link !== undefined) return this.#link.link.ask(fetch)
    const { clock, giveUpMs } = this.#parts
    const giveUp = (): void => fetch.giveUp(giveUpMs, this.#cause)
    this.#seeking.set(fetch, clock.setTimer(fetch.progressAt + giveUpMs, giveUp))
    this.#dial()
  }

  /** It is over, however. */
  forget(fetch: Fetch): void {
    this.#seeking.get(fetch)?.cancel()
    this.#seeking.delete(fetch)
    this.#settle()
  }

  /** There is a connection, which takes the place of any other: the other side would not have made it if it had one. */
  introduce(link: Link, isOwnCall: boolean): void {
    const before = this.#link
    const call = this.#call
    this.#link = { link, isOwnCall, madeAt: this.#parts.tick() }
    this.#call = undefined
    this.#pause?.cancel()
    this.#pause = undefined
    if (!isOwnCall) call?.destroy()
    before?.link.destroy()
    const seeking = [...this.#seeking]
    this.#seeking.clear()
    for (const [fetch, timer] of seeking) {
      timer.cancel()
      link.ask(fetch)
    }
  }

  /** A connection is gone. */
  lost(link: Link): void {
    if (link.landedAt > -Infinity) this.#pauseMs = firstPauseMs
    if (this.#link?.link !== link) return
    this.#link = undefined
    this.#settle()
  }

  close(): void {
    this.#pause?.cancel()
    this.#call?.destroy()
    this.#link?.link.destroy()
  }

  #dial(): void {
    if (this.#call !== undefined || this.#pause !== undefined || this.#link !== undefined) return
    const address = parseAddress(this.address)
    if (address === undefined) throw new Error(`${this.address} is no address, and yet in a ticket`)
    const { self, clock, handshakeMs, link } = this.#parts
    const line = Line.dial(address)
    this.#call = line
    const timer = clock.setTimer(clock.now() + handshakeMs, () =>
      line.destroy(new Violation('Nobody has answered in time.')),
    )
    line.onClosed((why) => {
      timer.cancel()
      if (why !== undefined) this.#cause = why
      if (this.#call === line) this.#redial()
    })
    greet(line, self, {
      address: this.address,
      met: (acquaintance) => {
        timer.cancel()
        this.introduce(link(line, acquaintance), true)
      },
      crossed: () => line.destroy(),
    })
  }

  #redial(): void {
    const { clock } = this.#parts
    this.#call = undefined
    if (this.#seeking.size === 0) return this.#settle()
    this.#pause = clock.setTimer(clock.now() + this.#pauseMs, () => {
      this.#pause = undefined
      this.#dial()
    })
    this.#pauseMs = Math.min(2 * this.#pauseMs, longestPauseMs)
  }

  #settle(): void {
    if (this.#seeking.size > 0) return
    this.#pause?.cancel()
    this.#pause = undefined
    if (this.#link === undefined && this.#call === undefined) this.#parts.idle()
  }
}
