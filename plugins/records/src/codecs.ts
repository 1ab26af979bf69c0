import { Slice } from './slice.js'

/** How keys or values are bytes between map and reduce. Keys are equal, and ordered, as their bytes are. */
export interface PairCodec<T> {
  encode(value: T): Slice
  /** May keep nothing of the slice, unless `T` is a slice itself. */
  decode(slice: Slice): T
}

/** Text as UTF-8, in the order of code points. */
export const text: PairCodec<string> = {
  encode: (value) => Slice.of(Buffer.from(value)),
  decode: (slice) => slice.toString(),
}

/** Bytes as they are. */
export const bytes: PairCodec<Slice> = { encode: (value) => value, decode: (slice) => slice }

/** Any number but NaN, in the order of numbers. */
export const number: PairCodec<number> = {
  encode: (value) => {
    const room = Buffer.allocUnsafe(8)
    room.writeDoubleBE(value)
    return new Slice(flipped(room, 0, room[0]! >= 128), 0, 8)
  },
  decode: ({ bytes, start }) => {
    const room = Buffer.from(bytes.subarray(start, start + 8))
    return flipped(room, 0, room[0]! < 128).readDoubleBE()
  },
}

/** Of negative numbers all bits are turned over, of others the sign: then their bytes are in order. */
function flipped(room: Buffer, at: number, all: boolean): Buffer {
  if (all) for (let byte = 1; byte < 8; byte += 1) room[at + byte]! ^= 255
  room[at]! ^= all ? 255 : 128
  return room
}

/** Whole numbers from 0 to `Number.MAX_SAFE_INTEGER`, small ones in one byte. Not in the order of numbers. */
export const count: PairCodec<number> = {
  encode: (value) => {
    if (value < 128) return single[value]!
    const room: number[] = []
    for (; value >= 128; value = Math.floor(value / 128)) room.push(128 + (value % 128))
    return Slice.of(Buffer.from([...room, value]))
  },
  decode: ({ bytes, start, end }) => {
    let value = 0
    for (let at = end - 1; at >= start; at -= 1) value = value * 128 + (bytes[at]! % 128)
    return value
  },
}

const single = Array.from({ length: 128 }, (_, value) => Slice.of(Buffer.from([value])))

/** What JSON can say. Objects are equal if their fields stand in the same order. */
export function json<T>(): PairCodec<T> {
  return {
    encode: (value) => Slice.of(Buffer.from(JSON.stringify(value))),
    decode: (slice) => JSON.parse(slice.toString()) as T,
  }
}
