import { compareKeys, recordBytes, type Records } from './record.js'

/** Up to so many records, comparing is faster than counting. */
const few = 32
/** Counters of one pass: 2,048 of them stay in the fastest cache. */
const mostDigitBits = 11

/**
 * Finds the order of records by their keys: by radix, four bytes of the key at a time, those of equal records only where
 * they are needed. It keeps its working memory, 16 bytes a record, for the next time.
 */
export class Sorter {
  readonly #counts = new Uint32Array(1 << mostDigitBits)
  #keys = new Uint32Array(0)
  #order = new Uint32Array(0)
  #otherKeys = new Uint32Array(0)
  #otherOrder = new Uint32Array(0)

  /** The numbers of the first `count` records, in the order of their keys, equal ones as they stand. Valid until the next call. */
  order(records: Records, count: number): Uint32Array {
    this.#reserve(count)
    for (let index = 0; index < count; index += 1) this.#order[index] = index
    this.#sort(records.bytes, 0, count, 0)
    return this.#order.subarray(0, count)
  }

  /** Sorts a part of the order whose records agree in the first `depth` bytes of the key. */
  #sort(bytes: Uint8Array, from: number, to: number, depth: number): void {
    if (to - from <= few) return this.#insert(bytes, from, to)
    this.#count(bytes, from, to, depth)
    if (depth < 8) this.#sortEqual(bytes, from, to, depth + 4)
  }

  /** Sorts what agrees in the four bytes that came last, by the bytes behind them. */
  #sortEqual(bytes: Uint8Array, from: number, to: number, depth: number): void {
    const keys = this.#keys
    let start = from
    for (let end = from + 1; end <= to; end += 1) {
      if (end < to && keys[end] === keys[start]) continue
      if (end - start > 1) this.#sort(bytes, start, end, depth)
      start = end
    }
  }

  #insert(bytes: Uint8Array, from: number, to: number): void {
    const order = this.#order
    for (let next = from + 1; next < to; next += 1) {
      const record = order[next]!
      let at = next
      for (; at > from; at -= 1) {
        const before = order[at - 1]!
        if (compareKeys(bytes, before * recordBytes, bytes, record * recordBytes) <= 0) break
        order[at] = before
      }
      order[at] = record
    }
  }

  /** Sorts by one part of the key, from its lowest digit to its highest; as many digits as the parts really differ in. */
  #count(bytes: Uint8Array, from: number, to: number, depth: number): void {
    const [least, most] = this.#readKeys(bytes, from, to, depth)
    const bits = 32 - Math.clz32(most - least)
    const passes = Math.ceil(bits / mostDigitBits)
    const digitBits = Math.ceil(bits / passes)
    for (let pass = 0; pass < passes; pass += 1) this.#pass(from, to, least, pass * digitBits, digitBits)
    if (passes % 2 === 1) this.#takeBack(from, to)
  }

  #readKeys(bytes: Uint8Array, from: number, to: number, depth: number): readonly [number, number] {
    const keys = this.#keys
    const order = this.#order
    let least = 0xffffffff
    let most = 0
    for (let index = from; index < to; index += 1) {
      const at = order[index]! * recordBytes + depth
      const key = depth < 8 ? four(bytes, at) : two(bytes, at)
      keys[index] = key
      if (key < least) least = key
      if (key > most) most = key
    }
    return [least, most]
  }

  /** Moves keys and order to the other arrays, by one digit, and makes these the current ones. */
  #pass(from: number, to: number, least: number, shift: number, digitBits: number): void {
    const [keys, order, otherKeys, otherOrder, counts] = [
      this.#keys,
      this.#order,
      this.#otherKeys,
      this.#otherOrder,
      this.#counts,
    ]
    const mask = (1 << digitBits) - 1
    counts.fill(0, 0, mask + 1)
    for (let index = from; index < to; index += 1) counts[((keys[index]! - least) >>> shift) & mask]! += 1
    startsOf(counts, mask + 1, from)
    for (let index = from; index < to; index += 1) {
      const key = keys[index]!
      const digit = ((key - least) >>> shift) & mask
      const at = counts[digit]!
      counts[digit] = at + 1
      otherKeys[at] = key
      otherOrder[at] = order[index]!
    }
    this.#swap()
  }

  /** The rest of the order is in the arrays that were current before an odd number of passes. */
  #takeBack(from: number, to: number): void {
    this.#otherKeys.set(this.#keys.subarray(from, to), from)
    this.#otherOrder.set(this.#order.subarray(from, to), from)
    this.#swap()
  }

  #swap(): void {
    const [keys, order] = [this.#keys, this.#order]
    this.#keys = this.#otherKeys
    this.#order = this.#otherOrder
    this.#otherKeys = keys
    this.#otherOrder = order
  }

  #reserve(count: number): void {
    if (this.#keys.length >= count) return
    this.#keys = new Uint32Array(count)
    this.#order = new Uint32Array(count)
    this.#otherKeys = new Uint32Array(count)
    this.#otherOrder = new Uint32Array(count)
  }
}

/** Turns counts into the places where each digit begins. */
function startsOf(counts: Uint32Array, digits: number, first: number): void {
  let start = first
  for (let digit = 0; digit < digits; digit += 1) {
    const count = counts[digit]!
    counts[digit] = start
    start += count
  }
}

function four(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

function two(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!
}
