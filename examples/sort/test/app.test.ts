import test from 'ava'
import fc from 'fast-check'
import { writeRandomRecords } from '../src/random-records.js'
import { roomFor } from '../src/record.js'
import { appSorted, recordsWith, referenceSorted } from './records.js'

/** Few different keys, of bytes from both ends, so that many are equal or differ late. */
const key = fc.string({
  unit: fc.constantFrom('\0', 'a', 'b', '\x7f', '\xff'),
  minLength: 10,
  maxLength: 10,
})
const plan = fc.record({
  chunkRecords: fc.integer({ min: 1, max: 70 }),
  ranges: fc.integer({ min: 1, max: 9 }),
})

test('any records in any plan come out in order, equal ones as they stood', async (t) => {
  const property = fc.asyncProperty(fc.array(key, { maxLength: 300 }), plan, async (keys, parts) => {
    const input = recordsWith(keys)
    t.deepEqual(await appSorted(input, parts), referenceSorted(input))
  })
  await fc.assert(property, { numRuns: 60 })
})

test('what is sorted already, or the wrong way round, stays within its plan', async (t) => {
  const keys = Array.from({ length: 2_000 }, (_, index) => String(index).padStart(10, '0'))
  for (const input of [recordsWith(keys), recordsWith(keys.toReversed())])
    t.deepEqual(await appSorted(input, { chunkRecords: 300, ranges: 7 }), referenceSorted(input))
})

test('a range that is larger than a chunk is sorted in runs and merged', async (t) => {
  const keys = Array.from({ length: 1_000 }, (_, index) => (index % 3 === 0 ? 'most' : `key-${index % 50}`))
  const input = recordsWith(keys)
  t.deepEqual(await appSorted(input, { chunkRecords: 60, ranges: 10 }), referenceSorted(input))
})

test('as many ranges as two objects can name are all dealt', async (t) => {
  const { bytes } = roomFor(3_000)
  writeRandomRecords({ bytes, words: new Uint32Array(0) }, 0, 1)
  t.deepEqual(await appSorted(bytes, { chunkRecords: 700, ranges: 100 }), referenceSorted(bytes))
})
