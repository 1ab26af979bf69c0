import type { AppendFile } from './append-file.js'
import type { PairCodec } from './codecs.js'
import type { Partitioner } from './partitioner.js'
import type { Piece } from './pieces.js'
import { Region } from './region.js'
import type { Slice } from './slice.js'
import { sum } from './sum.js'
import { Table } from './table.js'

/** What one dealer has for some partitions that follow one another. */
export interface Dealt {
  readonly first: number
  /** By partition: pairs, and their bytes without lengths. */
  readonly pairs: Float64Array
  readonly payload: Float64Array
  /** The payload of lower partitions. */
  readonly before: number
  /** By partition: the bytes that stand one behind the other in `held`, else in the file from `at` on. */
  readonly sizes: Float64Array
  readonly held: Uint8Array | undefined
  readonly file: string
  readonly at: number
  /** What came before those: partition, place in the file and number of bytes, for each time that memory was full. */
  readonly overflow: readonly number[]
}

/** Where a dealer puts pairs, and what it does with them. */
export interface DealerParts<V> {
  /** From `start` on it is divided among the partitions. */
  readonly arena: Buffer
  readonly start: number
  readonly partitions: number
  readonly partitioner: Partitioner
  readonly codec: PairCodec<V>
  readonly combine: ((one: V, other: V) => V) | undefined
  /** Called for each pair, combined if it can be, with what takes the pairs that are to be dealt instead. */
  readonly refine?: ((key: Slice, value: V, take: (key: Slice, value: V) => void) => void) | undefined
  /** For what does not fit. */
  readonly file: AppendFile
}

/** Deals pairs out to partitions, combined if it can. */
export class Dealer<V> {
  readonly #regions: readonly Region[]
  /** Each gives what is combined to the next one, and the last one to the regions. */
  readonly #tables: Table<V>[] = []
  readonly add: (key: Slice, value: V) => void

  constructor(private readonly parts: DealerParts<V>) {
    const { arena, start, partitions, partitioner, codec, file, refine } = parts
    // Half of the arena is what a sorting can hold.
    const bytes = Math.min(Math.floor((arena.length - start) / partitions), arena.length >>> 1)
    const regions = Array.from({ length: partitions }, (_, index) => {
      const at = start + index * bytes
      return new Region(arena, at, at + bytes, file)
    })
    this.#regions = regions
    const add = this.#combined((key, value) =>
      regions[partitioner.of(key.bytes, key.start, key.end)]!.addPair(key, codec.encode(value)),
    )
    this.add = refine === undefined ? add : this.#combined((key, value) => refine(key, value, add))
  }

  /** What combines pairs, if that can be, before `take` is given them. */
  #combined(take: (key: Slice, value: V) => void): (key: Slice, value: V) => void {
    const { arena, combine, refine } = this.parts
    if (combine === undefined) return take
    const table = new Table(combine, take, arena.length / (refine === undefined ? 2 : 4))
    this.#tables.unshift(table)
    return table.add
  }

  /** Adds records of `size` bytes that lie one behind the other, each with its first `keyBytes` as its key and the rest as its value. */
  addRecords({ bytes, start, end }: Slice, size: number, keyBytes: number): void {
    const { partitioner } = this.parts
    const regions = this.#regions
    for (let at = start; at < end; at += size) {
      const partition = partitioner.of(bytes, at, at + keyBytes)
      regions[partition]!.addRecord(bytes, at, at + keyBytes, at + size)
    }
  }

  /** All pairs, `together` partitions at a time. They stay in memory if they are `mostHeld` bytes at most, else the file has them. */
  async finish(together: number, mostHeld: number): Promise<readonly Dealt[]> {
    for (const table of this.#tables) table.drain()
    const { file } = this.parts
    const left = this.#regions.map(({ bytes }) => bytes)
    const isHeld = sum(left.map(({ length }) => length)) <= mostHeld
    let at = isHeld ? 0 : await file.write(left)
    let before = 0
    const dealt: Dealt[] = []
    for (let first = 0; first < left.length; first += together) {
      const regions = this.#regions.slice(first, first + together)
      const bytes = left.slice(first, first + together)
      const payload = Float64Array.from(regions, (region) => region.payload)
      const sizes = Float64Array.from(bytes, ({ length }) => length)
      const pairs = Float64Array.from(regions, (region) => region.pairs)
      const held = isHeld ? Buffer.concat(bytes) : undefined
      const overflow = regions.flatMap(({ overflow }, index) =>
        overflow.flatMap(({ at, bytes }) => [first + index, at, bytes]),
      )
      dealt.push({ first, pairs, payload, before, sizes, held, file: file.path, at, overflow })
      at += sum(sizes)
      before += sum(payload)
    }
    return dealt
  }
}

/** What was dealt to a partition, in the order in which it was. */
export function piecesFor(partition: number, dealt: Dealt): readonly Piece[] {
  const { first, sizes, held, file, at } = dealt
  const index = partition - first
  const start = sum(sizes.subarray(0, index))
  const bytes = sizes[index]!
  const last: Piece =
    held === undefined
      ? { file, at: at + start, bytes }
      : { held: held.subarray(start, start + bytes), bytes }
  const pieces: Piece[] = []
  for (let next = 0; next < dealt.overflow.length; next += 3)
    if (dealt.overflow[next] === partition)
      pieces.push({ file, at: dealt.overflow[next + 1]!, bytes: dealt.overflow[next + 2]! })
  return bytes > 0 ? [...pieces, last] : pieces
}

/** How many pairs a partition has from all dealers, their bytes, and the bytes of all lower partitions. */
export function sharesOf(
  partition: number,
  all: readonly Dealt[],
): { readonly pairs: number; readonly bytes: number; readonly before: number } {
  return {
    pairs: sum(all.map(({ pairs, first }) => pairs[partition - first]!)),
    bytes: sum(all.map(({ payload, first }) => payload[partition - first]!)),
    before: sum(
      all.map(({ before, payload, first }) => before + sum(payload.subarray(0, partition - first))),
    ),
  }
}
