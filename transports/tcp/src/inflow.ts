import type { Clock, Timer } from '@stigmergy/core'
import { Kind, type Head, reasons } from './frames.js'
import { isSame, Tag } from './keys.js'
import type { Intake } from './intake.js'
import { mostChunkBytes } from './options.js'
import type { Ticket } from './ticket.js'
import { Violation } from './violation.js'

/** A value on its way here. */
export interface Arrival {
  readonly ticket: Pick<Ticket, 'id' | 'bytes' | 'chunkBytes'>
  readonly key: Uint8Array
  /** Where it is written to. */
  readonly bytes: Uint8Array
  /** All before it is there. */
  readonly offset: number
  /** `leave` ends the transfer, and calls back when nothing is written any more. */
  attached(leave: (free: () => void) => void): void
  /** The connection is gone, on which a chunk had last come whole at `landedAt`. */
  detached(landedAt: number): void
  /** So many more bytes are there. Returns whether these are all. */
  arrived(bytes: number): boolean
  /** A chunk was not what the lender has sent. Returns whether to ask for it once more. */
  spoilt(): boolean
  refused(reason: string): void
}

export interface InflowParts {
  readonly intake: Intake
  readonly send: (head: Pick<Head, 'kind' | 'transfer'> & Partial<Head>) => void
  /** What comes next is the head of a frame. */
  readonly next: () => void
  readonly windowBytes: number
  readonly clock: Clock
  readonly silenceMs: number
  readonly silent: () => void
}

/** A transfer of which nothing more is wanted is read into this, over and over. */
const scratchBytes = 2 ** 16

/** What comes in over one connection. */
export class Inflow {
  readonly #parts: InflowParts
  readonly #arrivals = new Map<number, { readonly arrival: Arrival; granted: number }>()
  #transfers = 0
  #heardAt: number
  #timer: Timer | undefined
  /** When the last chunk had come whole. */
  landedAt = -Infinity
  /** Whose chunk is coming, and who wants to know when it is over. */
  #landing: { readonly arrival: Arrival; free: () => void } | undefined

  constructor(parts: InflowParts) {
    this.#parts = parts
    this.#heardAt = parts.clock.now()
  }

  ask(arrival: Arrival): void {
    this.#transfers += 1
    const transfer = this.#transfers
    const { id } = arrival.ticket
    // Silence counts from when something is awaited.
    if (this.#arrivals.size === 0) this.heard()
    this.#arrivals.set(transfer, { arrival, granted: 0 })
    arrival.attached((free) => this.#leave(transfer, free))
    this.#listen()
    this.#parts.send({ kind: Kind.Ask, transfer, offset: arrival.offset, mark: id })
    this.#grant(transfer)
  }

  /** Something has come. */
  heard(): void {
    this.#heardAt = this.#parts.clock.now()
  }

  /** Reads what follows the head of a chunk. */
  chunk(head: Head): void {
    const entry = this.#arrivals.get(head.transfer)
    if (entry === undefined) return this.#discard(head.bytes)
    const { arrival, granted } = entry
    const { bytes, chunkBytes } = arrival.ticket
    const { offset } = arrival
    const isNext = head.offset === offset && head.bytes === Math.min(chunkBytes, bytes - offset)
    if (!isNext || offset + head.bytes > granted)
      throw new Violation('A chunk has come that is not the next.')
    const tag = new Tag(arrival.key, offset / chunkBytes)
    this.#landing = { arrival, free: () => undefined }
    const landed = (): void => this.#landed(head, tag)
    if (head.bytes === 0) return landed()
    const target = arrival.bytes.subarray(offset, offset + head.bytes)
    this.#parts.intake.fill(target, landed, (part) => {
      this.heard()
      tag.add(part)
    })
  }

  gone({ transfer, offset }: Head): void {
    const entry = this.#arrivals.get(transfer)
    this.#remove(transfer)
    entry?.arrival.refused(reasons[offset] ?? 'unknown')
  }

  /** The connection is gone, and nothing is written any more. */
  close(): void {
    const arrivals = [...this.#arrivals.values()]
    this.#arrivals.clear()
    this.#listen()
    this.#landing?.free()
    for (const { arrival } of arrivals) arrival.detached(this.landedAt)
  }

  #landed(head: Head, tag: Tag): void {
    const isSound = isSame(tag.take(), head.mark)
    const landing = this.#landing
    this.#landing = undefined
    if (this.#arrivals.has(head.transfer)) this.#account(head, isSound)
    landing?.free()
    this.#parts.next()
  }

  #account({ transfer, bytes }: Head, isSound: boolean): void {
    const arrival = this.#arrivals.get(transfer)?.arrival
    if (arrival === undefined) return
    if (isSound) {
      this.landedAt = this.#heardAt
      if (arrival.arrived(bytes)) this.#remove(transfer)
      else this.#grant(transfer)
      return
    }
    this.#remove(transfer)
    this.#parts.send({ kind: Kind.Stop, transfer })
    if (arrival.spoilt()) this.ask(arrival)
  }

  /** Allows more when half of what was allowed is there. */
  #grant(transfer: number): void {
    const entry = this.#arrivals.get(transfer)
    if (entry === undefined) return
    const { offset, ticket } = entry.arrival
    const window = Math.max(this.#parts.windowBytes, ticket.chunkBytes)
    const limit = Math.min(ticket.bytes, offset + window)
    if (limit > entry.granted && (entry.granted === 0 || entry.granted - offset <= window / 2)) {
      entry.granted = limit
      this.#parts.send({ kind: Kind.Grant, transfer, offset: limit })
    }
  }

  #leave(transfer: number, free: () => void): void {
    const arrival = this.#arrivals.get(transfer)?.arrival
    if (arrival === undefined) return free()
    this.#remove(transfer)
    this.#parts.send({ kind: Kind.Stop, transfer })
    if (this.#landing?.arrival === arrival) this.#landing.free = free
    else free()
  }

  #remove(transfer: number): void {
    this.#arrivals.delete(transfer)
    this.#listen()
  }

  #discard(bytes: number): void {
    if (bytes > mostChunkBytes) throw new Violation(`A chunk has no ${bytes} bytes.`)
    if (bytes === 0) return this.#parts.next()
    const target = new Uint8Array(Math.min(bytes, scratchBytes))
    this.#parts.intake.fill(target, () => this.#discard(bytes - target.length))
  }

  /** Has a timer as long as something is to come. */
  #listen(): void {
    const { clock, silenceMs, silent } = this.#parts
    if (this.#arrivals.size === 0) {
      this.#timer?.cancel()
      this.#timer = undefined
      return
    }
    this.#timer ??= clock.setTimer(this.#heardAt + silenceMs, () => {
      this.#timer = undefined
      if (clock.now() >= this.#heardAt + silenceMs) silent()
      else this.#listen()
    })
  }
}
