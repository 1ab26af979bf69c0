import { Pair } from './pair.js'

/** Up to so many pairs, comparing is faster than counting. */
const few = 24

/**
 * Finds the order of pairs by the bytes of their keys; equal ones stay as they stand. By radix: four bytes of the key at a time from
 * the lowest to the highest, the next four only where those were equal, and the length of the key at last.
 */
export class Order {
  readonly #counts = new Uint32Array(256)
  /** Where pairs begin, and the part of their keys that counts at the moment; the others are for the next pass. */
  #places = new Uint32Array(1_024)
  #parts = new Uint32Array(1_024)
  #otherPlaces = new Uint32Array(1_024)
  #otherParts = new Uint32Array(1_024)
  readonly #pair = new Pair()
  #longest = 0

  /** Where the pairs in the first `end` bytes begin, in order. Valid until the next call. */
  sort(bytes: Buffer, end: number): Uint32Array {
    const pair = this.#pair
    let count = 0
    this.#longest = 0
    for (let at = 0; at < end; at = pair.end) {
      pair.read(bytes, at)
      if (count === this.#places.length) this.#grow()
      this.#places[count] = at
      this.#longest = Math.max(this.#longest, pair.middle - pair.start)
      count += 1
    }
    this.#sort(bytes, 0, count, 0)
    return this.#places.subarray(0, count)
  }

  /** Sorts pairs whose keys agree in the first `depth` bytes. */
  #sort(bytes: Buffer, from: number, to: number, depth: number): void {
    if (to - from <= few) return this.#insert(bytes, from, to, depth)
    this.#readParts(bytes, from, to, depth)
    // Often they are: those of one key that many tasks had.
    if (!this.#areInOrder(from, to)) for (let shift = 0; shift < 32; shift += 8) this.#pass(from, to, shift)
    if (depth >= this.#longest) return
    const parts = this.#parts
    let start = from
    for (let next = from + 1; next <= to; next += 1) {
      if (next < to && parts[next] === parts[start]) continue
      if (next - start > 1) this.#sort(bytes, start, next, depth + 4)
      start = next
    }
  }

  #readParts(bytes: Buffer, from: number, to: number, depth: number): void {
    const pair = this.#pair
    for (let index = from; index < to; index += 1) {
      pair.read(bytes, this.#places[index]!)
      const at = pair.start + depth
      if (depth >= this.#longest) this.#parts[index] = pair.middle - pair.start
      else if (at + 4 <= pair.middle)
        this.#parts[index] =
          (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
      else this.#parts[index] = shortPart(bytes, at, pair.middle)
    }
  }

  #areInOrder(from: number, to: number): boolean {
    const parts = this.#parts
    for (let next = from + 1; next < to; next += 1) if (parts[next - 1]! > parts[next]!) return false
    return true
  }

  /** Four passes bring everything back to where it was. */
  #pass(from: number, to: number, shift: number): void {
    const [places, parts, otherPlaces, otherParts] = [
      this.#places,
      this.#parts,
      this.#otherPlaces,
      this.#otherParts,
    ]
    const counts = this.#counts.fill(0)
    for (let index = from; index < to; index += 1) counts[(parts[index]! >>> shift) & 255]! += 1
    for (let digit = 0, start = from; digit < 256; digit += 1) {
      const count = counts[digit]!
      counts[digit] = start
      start += count
    }
    for (let index = from; index < to; index += 1) {
      const part = parts[index]!
      const at = counts[(part >>> shift) & 255]!++
      otherParts[at] = part
      otherPlaces[at] = places[index]!
    }
    this.#places = otherPlaces
    this.#parts = otherParts
    this.#otherPlaces = places
    this.#otherParts = parts
  }

  #insert(bytes: Buffer, from: number, to: number, depth: number): void {
    const places = this.#places
    for (let next = from + 1; next < to; next += 1) {
      const place = places[next]!
      let at = next
      for (; at > from && this.#isAfter(bytes, places[at - 1]!, place, depth); at -= 1)
        places[at] = places[at - 1]!
      places[at] = place
    }
  }

  #isAfter(bytes: Buffer, place: number, other: number, depth: number): boolean {
    const pair = this.#pair
    pair.read(bytes, other)
    const [start, end] = [pair.start, pair.middle]
    pair.read(bytes, place)
    const shared = Math.min(pair.middle - pair.start, end - start)
    for (let at = depth; at < shared; at += 1) {
      const difference = bytes[pair.start + at]! - bytes[start + at]!
      if (difference !== 0) return difference > 0
    }
    return pair.middle - pair.start > end - start
  }

  #grow(): void {
    const { length } = this.#places
    const places = new Uint32Array(length * 2)
    places.set(this.#places)
    this.#places = places
    this.#parts = new Uint32Array(length * 2)
    this.#otherPlaces = new Uint32Array(length * 2)
    this.#otherParts = new Uint32Array(length * 2)
  }
}

/** Up to four bytes, of which the last ones are missing and count as zero. */
function shortPart(bytes: Buffer, from: number, end: number): number {
  let part = 0
  for (let at = from; at < from + 4; at += 1) part = part * 256 + (at < end ? bytes[at]! : 0)
  return part
}
