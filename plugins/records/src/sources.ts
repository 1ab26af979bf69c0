import { readSync } from 'node:fs'
import { Pair } from './pair.js'

/** Pairs in the order of their keys. */
export interface Source {
  /** The current one; valid until `next`. */
  readonly pair: Pair
  /** Goes to the next pair; false if there is none. */
  next(): boolean
}

/** Pairs that are held, in an order. */
export class Held implements Source {
  readonly pair = new Pair()
  #next = 0

  constructor(
    private readonly bytes: Buffer,
    private readonly places: Uint32Array,
  ) {}

  next(): boolean {
    if (this.#next === this.places.length) return false
    this.pair.read(this.bytes, this.places[this.#next]!)
    this.#next += 1
    return true
  }
}

/** Pairs that stand in a part of a file, in order, of which some are held. It reads without waiting, because whoever reduces cannot wait. */
export class Run implements Source {
  readonly pair = new Pair()
  #at = 0
  #filled = 0

  constructor(
    private readonly fd: number,
    private from: number,
    private readonly to: number,
    private room: Buffer,
  ) {}

  next(): boolean {
    this.#at = this.pair.end
    if (this.#filled - this.#at < 10 || !this.#isWhole()) this.#refill()
    if (this.#at === this.#filled) return false
    while (!this.#isWhole()) this.#widen()
    return true
  }

  /** Whether all of the next pair is held. Reads it, as far as it goes. */
  #isWhole(): boolean {
    this.pair.read(this.room, this.#at)
    return this.pair.end <= this.#filled
  }

  #refill(): void {
    this.room.copyWithin(0, this.#at, this.#filled)
    this.#filled -= this.#at
    this.#at = 0
    this.pair.end = 0
    this.#fill()
  }

  #widen(): void {
    const wider = Buffer.allocUnsafeSlow(Math.max(this.room.length * 2, this.pair.end))
    this.room.copy(wider, 0, 0, this.#filled)
    this.room = wider
    this.#fill()
  }

  #fill(): void {
    const wanted = Math.min(this.room.length - this.#filled, this.to - this.from)
    const read = wanted === 0 ? 0 : readSync(this.fd, this.room, this.#filled, wanted, this.from)
    this.from += read
    this.#filled += read
  }
}

/** The pairs of two sources; of equal ones those of the first come first. */
class Merged implements Source {
  #hasFirst: boolean
  #hasSecond: boolean
  #current: Source | undefined

  constructor(
    private readonly first: Source,
    private readonly second: Source,
  ) {
    this.#hasFirst = first.next()
    this.#hasSecond = second.next()
  }

  get pair(): Pair {
    return this.#current!.pair
  }

  next(): boolean {
    if (this.#current === this.first) this.#hasFirst = this.first.next()
    else if (this.#current === this.second) this.#hasSecond = this.second.next()
    this.#current = this.#choose()
    return this.#current !== undefined
  }

  #choose(): Source | undefined {
    if (!this.#hasSecond) return this.#hasFirst ? this.first : undefined
    if (!this.#hasFirst) return this.second
    return this.first.pair.key.compare(this.second.pair.key) <= 0 ? this.first : this.second
  }
}

/** The pairs of all sources, of which there must be one. Of equal ones those of earlier sources come first. */
export function merged(sources: readonly Source[]): Source {
  if (sources.length === 1) return sources[0]!
  const half = sources.length >>> 1
  return new Merged(merged(sources.slice(0, half)), merged(sources.slice(half)))
}
