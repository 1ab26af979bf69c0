import {
  AppendFile,
  bytes,
  Dealer,
  type Dealt,
  Group,
  HashPartitioner,
  Order,
  type Partitioner,
  piecesFor,
  Slice,
  Sorting,
} from '../src/index.js'
import { type Here, never } from './here.js'

export type KeyAndValue = readonly [key: string, value: string]

export const sliceOf = (value: string): Slice => Slice.of(Buffer.from(value))

export interface DealOptions {
  readonly arenaBytes: number
  readonly partitions: number
  readonly mostHeld: number
  readonly together?: number
  readonly partitioner?: Partitioner
}

/** Deals pairs as they are. */
export async function deal(
  here: Here,
  pairs: readonly KeyAndValue[],
  options: DealOptions,
): Promise<readonly Dealt[]> {
  const { arenaBytes, partitions, mostHeld, together = partitions } = options
  const { partitioner = new HashPartitioner(partitions) } = options
  using file = new AppendFile(here.path('spill'), 'a')
  const arena = Buffer.alloc(arenaBytes)
  const parts = { arena, start: 0, partitions, partitioner, codec: bytes, combine: undefined, file }
  const dealer = new Dealer<Slice>(parts)
  for (const [key, value] of pairs) dealer.add(sliceOf(key), sliceOf(value))
  return await dealer.finish(together, mostHeld)
}

/** What a partition has, sorted by key within an arena, and grouped. */
export async function groupsOf(
  here: Here,
  dealt: readonly Dealt[],
  partition: number,
  arenaBytes: number,
): Promise<readonly (readonly [key: string, values: readonly string[]])[]> {
  const pieces = dealt
    .filter(({ first, sizes }) => partition >= first && partition < first + sizes.length)
    .flatMap((each) => piecesFor(partition, each))
  const largest = Math.max(0, ...pieces.map((piece) => piece.bytes))
  const arena = Buffer.alloc(Math.max(arenaBytes, 2 * largest))
  await using sorting = new Sorting(arena, new Order(), here.folder)
  const source = await sorting.sorted(pieces, never)
  const groups: (readonly [string, readonly string[]])[] = []
  for (let isLeft = source.next(); isLeft;) {
    const group = new Group(source, bytes)
    const values = Array.from(group, String)
    groups.push([group.key.toString(), values])
    isLeft = group.end()
  }
  return groups
}
