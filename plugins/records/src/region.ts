import type { AppendFile } from './append-file.js'
import { mostLengthBytes, writeLength } from './pair.js'
import type { Slice } from './slice.js'

/** Below this, copying byte by byte is faster than asking for a copy. */
const fewBytes = 16

/** A part of an arena that is filled, and overflows into a file. */
export class Region {
  /** Without the lengths. */
  payload = 0
  pairs = 0
  /** What has overflowed: where in the file, how many bytes, and so on. */
  readonly overflow: number[] = []
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
    const valueBytes = value.end - value.start
    const most = keyBytes + valueBytes + mostLengthBytes
    this.pairs += 1
    this.payload += keyBytes + valueBytes
    if (this.#at + most > this.end && !this.#makeRoom(most)) return this.#addHugePair(key, value, most)
    const { arena } = this
    const lengthsEnd = writeLength(arena, writeLength(arena, this.#at, keyBytes), valueBytes)
    this.#at = copy(value, arena, copy(key, arena, lengthsEnd))
  }

  /** Adds bytes as they are. */
  addBytes(slice: Slice): void {
    const bytes = slice.end - slice.start
    this.payload += bytes
    if (this.#at + bytes <= this.end || this.#makeRoom(bytes)) this.#at = copy(slice, this.arena, this.#at)
    else this.#toFile(slice.bytes.subarray(slice.start, slice.end))
  }

  /** Tells whether so much fits now. */
  #makeRoom(bytes: number): boolean {
    if (this.#at > this.start) this.#toFile(this.bytes)
    this.#at = this.start
    return bytes <= this.end - this.start
  }

  #addHugePair(key: Slice, value: Slice, most: number): void {
    const pair = Buffer.allocUnsafe(most)
    const lengthsEnd = writeLength(pair, writeLength(pair, 0, key.length), value.length)
    this.#toFile(pair.subarray(0, copy(value, pair, copy(key, pair, lengthsEnd))))
  }

  #toFile(bytes: Buffer): void {
    this.overflow.push(this.file.writeNow(bytes), bytes.length)
  }
}

/** Copies a slice to a place; returns the place behind it. */
function copy({ bytes, start, end }: Slice, to: Buffer, at: number): number {
  const length = end - start
  if (length < fewBytes) for (let from = start; from < end; from += 1, at += 1) to[at] = bytes[from]!
  else if (bytes === to) to.copyWithin(at, start, end)
  else to.set(bytes.subarray(start, end), at)
  return length < fewBytes ? at : at + length
}
