import { compareKeys, keyBytes, recordBytes, type Records } from './record.js'

const heads = 1 << 16

/**
 * Divides all keys into ranges, each as full as the others if the sample of keys was like the rest. Range number n has the keys
 * from border n - 1, included, to border n.
 */
export class Ranges {
  /** By the first two bytes of a key: the lowest range that it can be in, and the highest. */
  readonly #lowest = new Uint16Array(heads)
  readonly #highest = new Uint16Array(heads)

  /** `borders` are keys in ascending order, one behind the other. */
  constructor(readonly borders: Uint8Array) {
    const count = borders.length / keyBytes
    for (let head = 0, below = 0, upTo = 0; head < heads; head += 1) {
      while (below < count && headAt(borders, below * keyBytes) < head) below += 1
      while (upTo < count && headAt(borders, upTo * keyBytes) <= head) upTo += 1
      this.#lowest[head] = below
      this.#highest[head] = upTo
    }
  }

  get count(): number {
    return this.borders.length / keyBytes + 1
  }

  /** The range of the key at a place. */
  of(bytes: Uint8Array, at: number): number {
    const head = headAt(bytes, at)
    let low = this.#lowest[head]!
    let high = this.#highest[head]!
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareKeys(bytes, at, this.borders, middle * keyBytes) < 0) high = middle
      else low = middle + 1
    }
    return low
  }
}

/** The borders of about `count` ranges, from sorted sample records. Equal borders would make empty ranges, so there are fewer then. */
export function bordersOf(sample: Records, order: Uint32Array, count: number): Uint8Array {
  const borders = new Uint8Array((count - 1) * keyBytes)
  let found = 0
  for (let range = 1; range < count; range += 1) {
    const record = order[Math.floor((range * order.length) / count)] ?? 0
    const at = record * recordBytes
    if (found > 0 && compareKeys(sample.bytes, at, borders, (found - 1) * keyBytes) === 0) continue
    borders.set(sample.bytes.subarray(at, at + keyBytes), found * keyBytes)
    found += 1
  }
  return borders.slice(0, found * keyBytes)
}

function headAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!
}
