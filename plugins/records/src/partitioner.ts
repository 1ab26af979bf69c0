import { hashOf } from './hash.js'
import { Slice } from './slice.js'

/** Says to which partition a key belongs, which lies in `bytes` from `start` to `end`. */
export interface Partitioner {
  of(bytes: Buffer, start: number, end: number): number
}

/** Equal keys go together, others anywhere. */
export class HashPartitioner implements Partitioner {
  constructor(private readonly partitions: number) {}

  of(bytes: Buffer, start: number, end: number): number {
    // By all bits of the hash, so that the keys of one partition still fill the slots of a table evenly.
    return (Math.imul(hashOf(bytes, start, end), 0x9e3779b1) >>> 16) % this.partitions
  }
}

/** Partition n has the keys from border n - 1, included, to border n. */
export class RangePartitioner implements Partitioner {
  /** The first bytes of the borders. */
  readonly #heads: Float64Array
  /** By the first two bytes of a key: the lowest partition that it can be in; the next one says which is the highest. */
  readonly #lowest: Uint16Array

  /** `borders` are in ascending order, at most 65,535. */
  constructor(private readonly borders: readonly Slice[]) {
    this.#heads = Float64Array.from(borders, ({ bytes, start, end }) => headOf(bytes, start, end))
    this.#lowest = new Uint16Array(65_537).fill(borders.length)
    for (let two = 0, below = 0; two <= 65_535; two += 1) {
      while (below < borders.length && this.#heads[below]! < two * 2 ** 32) below += 1
      this.#lowest[two] = below
    }
  }

  of(bytes: Buffer, start: number, end: number): number {
    const heads = this.#heads
    const head = headOf(bytes, start, end)
    const two = Math.floor(head / 2 ** 32)
    let low = this.#lowest[two]!
    let high = this.#lowest[two + 1]!
    while (low < high) {
      const middle = (low + high) >>> 1
      const border = heads[middle]!
      if (
        head < border ||
        (head === border && new Slice(bytes, start, end).compare(this.borders[middle]!) < 0)
      )
        high = middle
      else low = middle + 1
    }
    return low
  }
}

/** The borders of at most `count` ranges that are equally full if all keys are like these. */
export function bordersOf(keys: readonly Slice[], count: number): readonly Slice[] {
  const sorted = keys.toSorted((a, b) => a.compare(b))
  const borders: Slice[] = []
  for (let range = 1; range < count && sorted.length > 0; range += 1) {
    const border = sorted[Math.floor((range * sorted.length) / count)]!
    // Equal borders would make empty ranges.
    if (borders.length === 0 || border.compare(borders.at(-1)!) !== 0) borders.push(border)
  }
  return borders
}

/** The first six bytes as a number; what is missing counts as zero. Keys are compared by them, and only rarely by more. */
function headOf(bytes: Buffer, start: number, end: number): number {
  if (end - start < 6) {
    let head = 0
    for (let at = start; at < start + 6; at += 1) head = head * 256 + (at < end ? bytes[at]! : 0)
    return head
  }
  const high =
    (bytes[start]! << 24) | (bytes[start + 1]! << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!
  return (high >>> 0) * 65_536 + ((bytes[start + 4]! << 8) | bytes[start + 5]!)
}
