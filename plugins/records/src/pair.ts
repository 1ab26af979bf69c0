import { Slice } from './slice.js'

/** Lengths below this take one byte, others four more. */
const long = 255
/** The two lengths of a pair need so much at most. */
export const mostLengthBytes = 10

/** Where a pair lies in some bytes: behind its two lengths its key, from `start` to `middle`, and its value, to `end`. */
export class Pair {
  bytes: Buffer = Buffer.alloc(0)
  start = 0
  middle = 0
  end = 0

  /** Goes to the pair that begins at a place. */
  read(bytes: Buffer, at: number): void {
    let keyBytes = bytes[at++]!
    if (keyBytes === long) {
      keyBytes = bytes.readUInt32LE(at)
      at += 4
    }
    let valueBytes = bytes[at++]!
    if (valueBytes === long) {
      valueBytes = bytes.readUInt32LE(at)
      at += 4
    }
    this.bytes = bytes
    this.start = at
    this.middle = at + keyBytes
    this.end = at + keyBytes + valueBytes
  }

  get key(): Slice {
    return new Slice(this.bytes, this.start, this.middle)
  }

  get value(): Slice {
    return new Slice(this.bytes, this.middle, this.end)
  }
}

/** Writes a length; returns the place behind it. */
export function writeLength(bytes: Buffer, at: number, length: number): number {
  if (length < long) {
    bytes[at] = length
    return at + 1
  }
  bytes[at] = long
  return bytes.writeUInt32LE(length, at + 1)
}
