import test from 'ava'
import fc from 'fast-check'
import { bordersOf, Order, Pair, RangePartitioner, Region, Slice } from '../src/index.js'
import { AppendFile } from '../src/append-file.js'

const key = fc.oneof(
  fc.uint8Array({ maxLength: 6 }),
  fc.uint8Array({ maxLength: 14 }).map((tail) => Uint8Array.from([7, 7, 7, 7, 7, 7, 7, 7, ...tail])),
)

/** Pairs one behind the other, with their numbers as values. */
function pairsWith(keys: readonly Uint8Array[]): Buffer {
  const arena = Buffer.alloc(keys.length * 64 + 64)
  const region = new Region(arena, 0, arena.length, new AppendFile('/never-written', 'w'))
  keys.forEach((key, at) => region.addPair(Slice.of(key), Slice.of(Buffer.from(String(at)))))
  return region.bytes
}

test('pairs are in the order of their keys as bytes, and equal ones as they stood', (t) => {
  const order = new Order()
  fc.assert(
    fc.property(fc.array(key, { maxLength: 200 }), (keys) => {
      const bytes = pairsWith(keys)
      const pair = new Pair()
      const numbers = Array.from(order.sort(bytes, bytes.length), (place) => {
        pair.read(bytes, place)
        return Number(pair.value.toString())
      })
      const expected = keys.map((_, at) => at)
      expected.sort((one, other) => Buffer.compare(keys[one]!, keys[other]!) || one - other)
      t.deepEqual(numbers, expected)
    }),
  )
})

test('pairs of few keys, many of each and some in order already, are ordered as well', (t) => {
  const order = new Order()
  const few = fc.constantFrom('a', 'abcd', 'abcdefgh', 'abcdefgi', 'b')
  fc.assert(
    fc.property(fc.array(few, { minLength: 100, maxLength: 400 }), fc.boolean(), (given, isSorted) => {
      const keys = isSorted ? given.toSorted() : given
      const bytes = pairsWith(keys.map((key) => Buffer.from(key)))
      const pair = new Pair()
      const sorted = Array.from(order.sort(bytes, bytes.length), (place) => {
        pair.read(bytes, place)
        return [pair.key.toString(), Number(pair.value.toString())] as const
      })
      const expected = keys.map((key, at) => [key, at] as const)
      expected.sort(([one, at], [other, otherAt]) => (one < other ? -1 : one > other ? 1 : at - otherAt))
      t.deepEqual(sorted, expected)
    }),
  )
})

test('more pairs than there was room for before are ordered as well', (t) => {
  const keys = Array.from({ length: 5_000 }, (_, at) => Buffer.from(String((at * 7_919) % 5_003)))
  const bytes = pairsWith(keys)
  const pair = new Pair()
  const sorted = Array.from(new Order().sort(bytes, bytes.length), (place) => {
    pair.read(bytes, place)
    return pair.key.toString()
  })
  t.deepEqual(sorted, keys.map(String).sort())
})

test('a range has the keys from its border on, below the next', (t) => {
  fc.assert(
    fc.property(
      fc.array(key, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 9 }),
      (keys, count) => {
        const borders = bordersOf(
          keys.map((own) => Slice.of(own)),
          count,
        )
        t.true(borders.length < count)
        const partitioner = new RangePartitioner(borders)
        for (const own of keys) {
          const slice = Slice.of(own)
          const partition = partitioner.of(slice.bytes, slice.start, slice.end)
          t.is(partition, borders.filter((border) => border.compare(slice) <= 0).length)
        }
      },
    ),
  )
})
