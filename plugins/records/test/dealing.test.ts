import { existsSync, readdirSync } from 'node:fs'
import test from 'ava'
import fc from 'fast-check'
import { AppendFile, count, Dealer, HashPartitioner, pairsOf, piecesFor, sharesOf } from '../src/index.js'
import { Here } from './here.js'
import { deal, groupsOf, type KeyAndValue, sliceOf } from './pairs.js'

/** Few keys, so that many are equal, of which some begin alike and one is long. */
const key = fc.oneof(
  fc.constantFrom('', 'a', 'aaaa', 'aaaaa', 'aaaab', 'ähre', 'k'.repeat(300)),
  fc.string({ maxLength: 9 }).map((rest) => `a common beginning ${rest}`),
)
const pair: fc.Arbitrary<KeyAndValue> = fc.tuple(key, fc.string({ maxLength: 20 }))

function valuesByKey(pairs: readonly KeyAndValue[]): ReadonlyMap<string, readonly string[]> {
  const byKey = new Map<string, string[]>()
  for (const [key, value] of pairs) byKey.set(key, [...(byKey.get(key) ?? []), value])
  return byKey
}

test('what is dealt comes back in the order of keys, with all values in theirs, within any memory', async (t) => {
  const here = new Here(t)
  const options = fc.record({
    arenaBytes: fc.integer({ min: 64, max: 4_096 }),
    partitions: fc.integer({ min: 1, max: 9 }),
    together: fc.integer({ min: 1, max: 9 }),
    mostHeld: fc.constantFrom(0, 1_000_000),
  })
  const property = fc.asyncProperty(fc.array(pair, { maxLength: 120 }), options, async (pairs, options) => {
    const dealt = await deal(here, pairs, options)
    const groups: (readonly [string, readonly string[]])[] = []
    for (let partition = 0; partition < options.partitions; partition += 1) {
      const own = await groupsOf(here, dealt, partition, options.arenaBytes)
      const keys = own.map(([key]) => Buffer.from(key))
      t.deepEqual(
        keys,
        keys.toSorted((one, other) => one.compare(other)),
      )
      groups.push(...own)
    }
    const expected = valuesByKey(pairs)
    t.is(groups.length, expected.size)
    for (const [key, values] of groups) t.deepEqual(values, expected.get(key))
  })
  await fc.assert(property, { numRuns: 60 })
  t.deepEqual(readdirSync(here.folder), existsSync(here.path('spill')) ? ['spill'] : [])
})

test('values are combined, also when the table is full in between', async (t) => {
  const here = new Here(t)
  using file = new AppendFile(here.path('spill'), 'a')
  const arena = Buffer.alloc(65_536)
  const combine = (one: number, other: number): number => one + other
  const partitioner = new HashPartitioner(1)
  const dealer = new Dealer({ arena, start: 0, partitions: 1, partitioner, codec: count, combine, file })
  const keys = 3_000
  for (let at = 0; at < keys * 4; at += 1) dealer.add(sliceOf(`key ${at % keys}`), 1)
  const [dealt] = await dealer.finish(1, 0)
  const totals = new Map<string, number>()
  for (const { key, value } of pairsOf(piecesFor(0, dealt!)))
    totals.set(key.toString(), (totals.get(key.toString()) ?? 0) + count.decode(value))
  t.is(totals.size, keys)
  t.true([...totals.values()].every((total) => total === 4))
  t.true(dealt!.overflow.length > 0)
})

test('a key as large as the table may be is dealt, and what comes behind it is combined again', async (t) => {
  const here = new Here(t)
  using file = new AppendFile(here.path('spill'), 'a')
  const arena = Buffer.alloc(65_536)
  const combine = (one: number, other: number): number => one + other
  const partitioner = new HashPartitioner(1)
  const dealer = new Dealer({ arena, start: 0, partitions: 1, partitioner, codec: count, combine, file })
  const keys = ['k'.repeat(100_000), 'a', 'b', 'a', 'a']
  for (const key of keys) dealer.add(sliceOf(key), 1)
  const [dealt] = await dealer.finish(1, 0)
  t.deepEqual([...dealt!.pairs], [3])
  t.is(dealt!.payload[0], 100_001 + 2 + 2)
})

test('little is held, and more goes to the file', async (t) => {
  const here = new Here(t)
  const pairs = [['key', 'value']] as const
  const [held] = await deal(here, pairs, { arenaBytes: 1_024, partitions: 1, mostHeld: 10 })
  t.is(held!.held?.length, 10)
  t.false(existsSync(here.path('spill')))
  const [written] = await deal(here, pairs, { arenaBytes: 1_024, partitions: 1, mostHeld: 9 })
  t.is(written!.held, undefined)
  t.true(existsSync(here.path('spill')))
})

test('shares tell how much a partition has, and how much stands before it', async (t) => {
  const here = new Here(t)
  const partitioner = { of: (bytes: Buffer, start: number): number => bytes[start]! - 0x30 }
  const options = { arenaBytes: 1_024, partitions: 3, mostHeld: 1_000, partitioner }
  const [one] = await deal(here, [['0', 'aa'], ['2', 'b'], ['1', '']], options) // prettier-ignore
  const [other] = await deal(here, [['2', 'cc'], ['0', '']], options) // prettier-ignore
  t.deepEqual(sharesOf(0, [one!, other!]), { pairs: 2, bytes: 4, before: 0 })
  t.deepEqual(sharesOf(1, [one!, other!]), { pairs: 1, bytes: 1, before: 4 })
  t.deepEqual(sharesOf(2, [one!, other!]), { pairs: 2, bytes: 5, before: 5 })
})
