import { Slice } from '@stigmergy/mapreduce'
import test from 'ava'
import fc from 'fast-check'
import { Ranker, type Ranking } from '../src/ranking.js'

function ranked(counts: readonly (readonly [string, number])[], length: number): Ranking {
  const ranker = new Ranker(length)
  for (const [word, count] of counts) ranker.add(Slice.of(Buffer.from(word)), count)
  return ranker.ranking()
}

test('the most frequent words come first, of equally frequent ones the bytewise smaller', (t) => {
  const counts = [
    ['ｚ', 2],
    ['𐐨', 2],
    ['b', 3],
    ['a', 1],
  ] as const
  t.deepEqual(ranked(counts, 3), {
    total: 8,
    distinct: 4,
    top: [
      ['b', 3],
      ['ｚ', 2],
      ['𐐨', 2],
    ],
  })
})

test('the top is that of all words, in whatever order they come', (t) => {
  const count = fc.tuple(
    fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 }),
    fc.integer({ min: 1, max: 4 }),
  )
  const property = fc.property(
    fc.uniqueArray(count, { selector: ([word]) => word, maxLength: 200 }),
    fc.nat({ max: 12 }),
    (counts, length) => {
      const sorted = counts.toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
      t.deepEqual(ranked(counts, length).top, sorted.slice(0, length))
    },
  )
  fc.assert(property)
})

test('of very many words only the best are kept, and all are counted', (t) => {
  const counts = Array.from(
    { length: 10_000 },
    (_, index) => [`w${index}`, 1 + ((index * 7919) % 9_973)] as const,
  )
  const { total, distinct, top } = ranked(counts, 2)
  t.is(distinct, 10_000)
  t.is(
    total,
    counts.reduce((sum, [, count]) => sum + count, 0),
  )
  t.deepEqual(top, counts.toSorted(([, m], [, n]) => n - m).slice(0, 2))
})
