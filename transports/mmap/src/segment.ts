import { StigmergyError } from '@stigmergy/core'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  lastGeneration,
  layoutVersion,
  pageBytes,
  roundUp,
  segment as at,
  segmentMagic,
  slot as slotAt,
} from './layout.js'
import type { Control } from './control.js'
import type { MappedFile } from './mapping.js'
import { segmentFile, type SegmentName } from './segment-name.js'
import { isSystemError } from './system-error.js'

/** What a slot says of the value that it names. */
export interface SlotContent {
  readonly kind: number
  readonly offset: number
  readonly length: number
  readonly accounted: number
}

/** How large a segment is to be. */
export interface SegmentSize {
  readonly slots: number
  readonly dataBytes: number
}

/**
 * A buffer counts as so much more memory each time it is made, and Node.js collects garbage for every 64 MB or so, which takes longer
 * than all else that is done with the value. So large ones are made once; it is worth it for no others.
 */
const largeBuffer = 2 ** 24

/** A file of blocks, and of slots that say what is in them, mapped. */
export class Segment {
  readonly slots: number
  /** Where the blocks start. */
  readonly data: number
  readonly bytes: number
  readonly #words: Uint32Array
  readonly #numbers: Float64Array
  /** A large buffer that nobody has, for the next value of its place and size. */
  #spare: { readonly offset: number; readonly buffer: ArrayBuffer } | undefined

  private constructor(
    readonly name: SegmentName,
    private readonly file: MappedFile,
    private readonly control: Control,
  ) {
    this.#words = new Uint32Array(file.buffer)
    this.#numbers = new Float64Array(file.buffer)
    this.slots = this.#words[at.slots / 4] ?? 0
    this.data = this.#numbers[at.data / 8] ?? 0
    this.bytes = file.buffer.byteLength
  }

  /** Throws the error of the system, with code `ENOSPC`, when there is no room for it. */
  static create(control: Control, name: SegmentName, size: SegmentSize): Segment {
    const data = roundUp(at.table + size.slots * at.slotBytes, pageBytes)
    const bytes = roundUp(data + size.dataBytes, pageBytes)
    const file = control.mapping.create(join(control.directory, segmentFile(name)), bytes)
    const words = new Uint32Array(file.buffer)
    const numbers = new Float64Array(file.buffer)
    words[at.version / 4] = layoutVersion
    numbers[at.bytes / 8] = bytes
    words[at.member / 4] = name.member
    words[at.epoch / 4] = name.epoch
    words[at.number / 4] = name.number
    words[at.slots / 4] = size.slots
    words.set(control.key, at.key / 4)
    numbers[at.data / 8] = data
    Atomics.store(words, at.magic / 4, segmentMagic)
    return new Segment(name, file, control)
  }

  /** Undefined when there is no such segment. Throws `STG_STORE_CORRUPT` when there is something else in its place. */
  static open(control: Control, name: SegmentName): Segment | undefined {
    const path = join(control.directory, segmentFile(name))
    const file = openFile(control, path)
    if (file === undefined || isSound(file, control, name)) return file && new Segment(name, file, control)
    file.unmap()
    throw corrupt(path)
  }

  get path(): string {
    return this.file.path
  }

  get buffer(): ArrayBuffer {
    return this.file.buffer
  }

  /** Bytes of a block as a buffer of its own, until `takeBack`. */
  view(offset: number, bytes: number): ArrayBuffer {
    const spare = this.#spare
    if (spare?.offset !== offset || spare.buffer.byteLength !== bytes) return this.file.view(offset, bytes)
    this.#spare = undefined
    return spare.buffer
  }

  /** Takes the bytes away from a buffer of `view`: who still has it finds it empty. */
  takeBack(buffer: ArrayBuffer, offset: number): void {
    if (buffer.byteLength < largeBuffer) this.control.mapping.detach(buffer)
    else this.#spare = { offset, buffer: this.file.renew(buffer, offset) }
  }

  /** How many slots from the first were ever used. */
  get slotsUsed(): number {
    return Math.min(Atomics.load(this.#words, at.slotsUsed / 4), this.slots)
  }

  /** Whether the owner has left. */
  get isLeft(): boolean {
    return Atomics.load(this.#words, at.left / 4) === 1
  }

  leave(): void {
    Atomics.store(this.#words, at.left / 4, 1)
  }

  generation(slot: number): number {
    return Atomics.load(this.#words, this.#word(slot, slotAt.generation))
  }

  /** Whether the generation is one that names a value. */
  static names(generation: number): boolean {
    return generation % 2 === 1
  }

  content(slot: number): SlotContent {
    const number = this.#number(slot)
    return {
      kind: this.#words[this.#word(slot, slotAt.kind)] ?? 0,
      offset: this.#numbers[number + slotAt.offset / 8] ?? 0,
      length: this.#numbers[number + slotAt.length / 8] ?? 0,
      accounted: this.#numbers[number + slotAt.accounted / 8] ?? 0,
    }
  }

  /** For the owner: names a value, held by the owner, and returns the generation. */
  fill(slot: number, content: SlotContent): number {
    this.hold(slot, this.name.member)
    const number = this.#number(slot)
    this.#words[this.#word(slot, slotAt.kind)] = content.kind
    this.#numbers[number + slotAt.offset / 8] = content.offset
    this.#numbers[number + slotAt.length / 8] = content.length
    this.#numbers[number + slotAt.accounted / 8] = content.accounted
    if (slot >= this.slotsUsed) Atomics.store(this.#words, at.slotsUsed / 4, slot + 1)
    return Atomics.add(this.#words, this.#word(slot, slotAt.generation), 1) + 1
  }

  hold(slot: number, member: number): void {
    Atomics.or(this.#words, this.#holdWord(slot, member), bitOf(member))
  }

  unhold(slot: number, member: number): void {
    Atomics.and(this.#words, this.#holdWord(slot, member), ~bitOf(member))
  }

  isHeldBy(slot: number, member: number): boolean {
    return (Atomics.load(this.#words, this.#holdWord(slot, member)) & bitOf(member)) !== 0
  }

  isHeld(slot: number): boolean {
    const word = this.#word(slot, slotAt.holds)
    return (Atomics.load(this.#words, word) | Atomics.load(this.#words, word + 1)) !== 0
  }

  /**
   * Ends the name of a value that nobody holds, and returns whether its block may be used again. It may not, for now, when somebody
   * has come to hold it at the last moment; then call this again later.
   */
  free(slot: number): boolean {
    if (this.isHeld(slot)) return false
    const word = this.#word(slot, slotAt.generation)
    const generation = Atomics.load(this.#words, word)
    if (Segment.names(generation))
      Atomics.compareExchange(this.#words, word, generation, (generation + 1) >>> 0)
    // Whoever set a bit before the name ended has seen it still valid, and reads; whoever sets one now sees that it is stale.
    return !this.isHeld(slot)
  }

  /** Whether the slot can name another value. */
  isUsable(slot: number): boolean {
    return this.generation(slot) < lastGeneration - 1
  }

  /** Ends all names without holds; returns whether there were none with holds. */
  freeAll(): boolean {
    const used = this.slotsUsed
    let free = true
    for (let slot = 0; slot < used; slot += 1) if (!this.free(slot)) free = false
    return free
  }

  /** Whether the file is gone, for all that this mapping tells. */
  get isRemoved(): boolean {
    return Atomics.load(this.#words, at.removed / 4) === 1
  }

  /** Removes the file. Its memory goes back to the machine at once, also where others still have it mapped. */
  discard(): void {
    rmSync(this.file.path, { force: true, recursive: true })
    Atomics.store(this.#words, at.removed / 4, 1)
    this.file.discard(pageBytes, this.bytes - pageBytes)
  }

  unmap(): void {
    this.#spare = undefined
    this.file.unmap()
  }

  #word(slot: number, field: number): number {
    return (at.table + slot * at.slotBytes + field) / 4
  }

  #holdWord(slot: number, member: number): number {
    return this.#word(slot, slotAt.holds) + (member >> 5)
  }

  #number(slot: number): number {
    return (at.table + slot * at.slotBytes) / 8
  }
}

function bitOf(member: number): number {
  return 1 << (member & 31)
}

function openFile(control: Control, path: string): MappedFile | undefined {
  try {
    return control.mapping.open(path, ({ bytes }) => {
      if (bytes < at.table) throw corrupt(path)
    })
  } catch (cause) {
    if (isSystemError(cause, 'ENOENT')) return undefined
    if (isSystemError(cause, 'EINVAL', 'ELOOP', 'ENXIO', 'EISDIR', 'EACCES')) throw corrupt(path, cause)
    throw cause
  }
}

function isSound(file: MappedFile, control: Control, name: SegmentName): boolean {
  const bytes = file.buffer.byteLength
  const words = new Uint32Array(file.buffer, 0, at.table / 4)
  const numbers = new Float64Array(file.buffer, 0, at.table / 8)
  const data = numbers[at.data / 8] ?? 0
  return (
    words[at.magic / 4] === segmentMagic &&
    words[at.version / 4] === layoutVersion &&
    numbers[at.bytes / 8] === bytes &&
    words[at.member / 4] === name.member &&
    words[at.epoch / 4] === name.epoch &&
    words[at.number / 4] === name.number &&
    words[at.key / 4] === control.key[0] &&
    words[at.key / 4 + 1] === control.key[1] &&
    data >= at.table + (words[at.slots / 4] ?? 0) * at.slotBytes &&
    data <= bytes
  )
}

function corrupt(path: string, cause?: unknown): StigmergyError {
  const message = `The file ${path} is truncated, or not a segment of this node and version.`
  return new StigmergyError('STG_STORE_CORRUPT', message, {
    details: { path },
    ...(cause === undefined ? {} : { cause }),
  })
}
