import type { Clock, Timer } from '@stigmergy/core'
import type { Control } from './control.js'
import type { Entry } from './entry.js'
import { blockBytes, Extents, type Extent } from './extents.js'
import { Segment, type SegmentSize } from './segment.js'
import { isSystemError } from './system-error.js'

/** A segment of this window, with what is free in it. */
export class Home {
  /** Blocks that are taken, by slot. */
  readonly blocks: (Block | undefined)[] = []
  readonly #extents: Extents
  readonly #freeSlots: number[] = []
  /** Since when there are no blocks, in ms. */
  emptySince = 0
  #nextSlot = 0
  #taken = 0

  constructor(readonly segment: Segment) {
    this.#extents = new Extents(segment.data, segment.bytes)
  }

  get isEmpty(): boolean {
    return this.#taken === 0
  }

  take(bytes: number): Block | undefined {
    const slot = this.#freeSlots.pop() ?? this.#nextSlot
    if (slot >= this.segment.slots) return undefined
    const extent = this.#extents.take(bytes)
    if (extent === undefined) {
      if (slot !== this.#nextSlot) this.#freeSlots.push(slot)
      return undefined
    }
    if (slot === this.#nextSlot) this.#nextSlot += 1
    const block = new Block(this, slot, extent)
    this.blocks[slot] = block
    this.#taken += 1
    return block
  }

  give(block: Block): void {
    this.blocks[block.slot] = undefined
    if (this.segment.isUsable(block.slot)) this.#freeSlots.push(block.slot)
    this.#taken -= 1
    if (this.#taken === 0) this.#extents.reset()
    else this.#extents.give(block.extent)
  }
}

/** A part of a segment for one value, and the slot that is going to name it. */
export class Block {
  /** 0 until the value has a name. */
  generation = 0
  /** Whether it waits for others to end their holds. */
  lingers = false
  /** The value in this window, or what it was before its last hold here ended. */
  tenant: Entry | undefined = undefined

  constructor(
    readonly home: Home,
    readonly slot: number,
    readonly extent: Extent,
  ) {}

  get bytes(): Uint8Array {
    return new Uint8Array(this.home.segment.buffer, this.extent.offset, this.extent.bytes)
  }
}

const firstBytes = 2 ** 20
/** Making a segment takes time, about a millisecond for each megabyte, during which nothing else runs. */
const mostBytes = 2 ** 26

/** Segments that have been empty for so long go back to the machine. */
const idleMs = 2_000

/** The segments that this window has made: only it takes blocks in them, so it needs no lock. */
export class Arena {
  /** The smallest first, so that small blocks do not keep large segments. */
  readonly #homes: Home[] = []
  #bytes = 0
  #count = 0
  /** Where the last block was found. */
  #recent: Home | undefined
  #trimmer: Timer | undefined

  constructor(
    private readonly control: Control,
    private readonly member: number,
    private readonly epoch: number,
    private readonly clock: Clock,
  ) {}

  get homes(): readonly Home[] {
    return this.#homes
  }

  /** Undefined when the machine has no room. */
  take(bytes: number): Block | undefined {
    return this.#recent?.take(bytes) ?? this.#search(bytes) ?? this.#grow(bytes)
  }

  /** The block that has a slot of one of these segments. */
  find(number: number, slot: number): Block | undefined {
    return this.#homes.find(({ segment }) => segment.name.number === number)?.blocks[slot]
  }

  /** The block may be used again. Nobody holds it, and its name, if it had one, has ended. */
  give(block: Block): void {
    const { home } = block
    home.give(block)
    if (!isTrimmable(home)) return
    home.emptySince = this.clock.now()
    this.#trimmer ??= this.clock.setTimer(home.emptySince + idleMs, () => this.#trimIdle())
  }

  /** Afterwards the segments are left as they are. */
  close(): void {
    this.#trimmer?.cancel()
  }

  #search(bytes: number): Block | undefined {
    for (const home of this.#homes) {
      const block = home.take(bytes)
      if (block === undefined) continue
      this.#recent = home
      return block
    }
    return undefined
  }

  #grow(bytes: number): Block | undefined {
    const needed = blockBytes(bytes)
    const wished = Math.min(Math.max(this.#bytes, firstBytes), mostBytes, this.control.limitBytes)
    return (
      this.#create(sizeFor(needed, wished))?.take(bytes) ??
      this.#create(sizeFor(needed, 0))?.take(bytes) ??
      (this.#trim(Infinity) ? this.#create(sizeFor(needed, 0))?.take(bytes) : undefined)
    )
  }

  #create(size: SegmentSize): Home | undefined {
    try {
      const name = { member: this.member, epoch: this.epoch, number: this.#count }
      const home = new Home(Segment.create(this.control, name, size))
      this.#count += 1
      this.#bytes += home.segment.bytes
      this.#homes.push(home)
      this.#homes.sort((one, other) => one.segment.bytes - other.segment.bytes)
      this.#recent = home
      return home
    } catch (error) {
      if (isSystemError(error, 'ENOSPC', 'EDQUOT', 'ENOMEM', 'EFBIG', 'EINVAL')) return undefined
      throw error
    }
  }

  #trimIdle(): void {
    const now = this.clock.now()
    this.#trimmer = undefined
    this.#trim(now - idleMs)
    if (this.#homes.some(isTrimmable))
      this.#trimmer = this.clock.setTimer(now + idleMs, () => this.#trimIdle())
  }

  /** Gives segments that have been empty since then back to the machine. Returns whether there were any. */
  #trim(since: number): boolean {
    const idle = this.#homes.filter((home) => isTrimmable(home) && home.emptySince <= since)
    for (const home of idle) this.#drop(home)
    return idle.length > 0
  }

  #drop(home: Home): void {
    this.#homes.splice(this.#homes.indexOf(home), 1)
    this.#bytes -= home.segment.bytes
    if (this.#recent === home) this.#recent = undefined
    home.segment.discard()
    home.segment.unmap()
  }
}

/** A small segment is kept for the next value. */
function isTrimmable(home: Home): boolean {
  return home.isEmpty && home.segment.bytes > 2 * firstBytes
}

/** A segment for one large value has few slots; others are made for small values too. */
function sizeFor(needed: number, wished: number): SegmentSize {
  if (needed > wished) return { dataBytes: needed, slots: 16 + Math.floor(needed / 2 ** 16) }
  return { dataBytes: wished, slots: 4096 + Math.floor(Math.max(0, wished - firstBytes) / 1024) }
}
