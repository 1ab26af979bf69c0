import type { AppendFile } from './append-file.js'
import { mostLengthBytes, writeLength } from './pair.js'
import { Slice } from './slice.js'

/** Below this, copying byte by byte is faster than asking for a copy. */
const fewBytes = 16

/** A part of an arena that is filled, and overflows into a file. */
export class Region {
  /** Without the lengths. */
  payload = 0
  pairs = 0
  /** What has overflowed: where it is in the file. */
  readonly overflow: { readonly file: string; readonly at: number; readonly bytes: number }[] = []
  #at: number

  constructor(
    private readonly arena: Buffer,
    private readonly start: number,
    private readonly end: number,
    private readonly file: AppendFile,
  ) {
    this.#at = start
  }

  /** What has not overflowed. */
  get bytes(): Buffer {
    return this.arena.subarray(this.start, this.#at)
  }

  addPair(key: Slice, value: Slice): void {
    const keyBytes = key.end - key.start
    const bytes = keyBytes + value.end - value.start
    this.pairs += 1
    this.payload += bytes
    if (this.#at + bytes + mostLengthBytes > this.end && !this.#makeRoom(bytes + mostLengthBytes))
      return this.#addHuge(key, value, Buffer.allocUnsafe(bytes + mostLengthBytes))
    this.#at = writePair(key, value, this.arena, this.#at)
  }

  /** Adds a pair whose key lies in `bytes` from `start` to `middle`, and whose value from there to `end`. */
  addRecord(bytes: Buffer, start: number, middle: number, end: number): void {
    const { arena } = this
    const most = end - start + mostLengthBytes
    if (this.#at + most > this.end && !this.#makeRoom(most))
      return this.addPair(new Slice(bytes, start, middle), new Slice(bytes, middle, end))
    this.pairs += 1
    this.payload += end - start
    const lengthsEnd = writeLength(arena, writeLength(arena, this.#at, middle - start), end - middle)
    this.#at = copy(bytes, start, end, arena, lengthsEnd)
  }

  /** Adds the bytes from `start` to `end` as they are. */
  addBytes(bytes: Buffer, start: number, end: number): void {
    this.payload += end - start
    if (this.#at + end - start <= this.end || this.#makeRoom(end - start))
      this.#at = copy(bytes, start, end, this.arena, this.#at)
    else this.#toFile(bytes.subarray(start, end))
  }

  /** Tells whether so much fits now. */
  #makeRoom(bytes: number): boolean {
    if (this.#at > this.start) this.#toFile(this.bytes)
    this.#at = this.start
    return bytes <= this.end - this.start
  }

  #addHuge(key: Slice, value: Slice, room: Buffer): void {
    this.#toFile(room.subarray(0, writePair(key, value, room, 0)))
  }

  #toFile(bytes: Buffer): void {
    this.overflow.push({ file: this.file.path, at: this.file.writeNow(bytes), bytes: bytes.length })
  }
}

/** Writes a pair to a place; returns the place behind it. */
function writePair(key: Slice, value: Slice, to: Buffer, at: number): number {
  const { bytes, start, end } = key
  const lengthsEnd = writeLength(to, writeLength(to, at, end - start), value.end - value.start)
  // Often they are two parts of one record.
  if (bytes === value.bytes && end === value.start) return copy(bytes, start, value.end, to, lengthsEnd)
  return copy(value.bytes, value.start, value.end, to, copy(bytes, start, end, to, lengthsEnd))
}

/** Copies bytes to a place; returns the place behind them. */
function copy(bytes: Buffer, start: number, end: number, to: Buffer, at: number): number {
  if (end - start < fewBytes) for (let from = start; from < end; from += 1, at += 1) to[at] = bytes[from]!
  else {
    if (bytes === to) to.copyWithin(at, start, end)
    else to.set(bytes.subarray(start, end), at)
    at += end - start
  }
  return at
}
