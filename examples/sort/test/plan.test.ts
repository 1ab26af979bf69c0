import test from 'ava'
import { planOf } from '../src/plan.js'

test('the chunks of all workers fit into the memory, beside what they need anyway', (t) => {
  for (const workers of [1, 2, 6]) {
    const { chunkRecords } = planOf(100_000_000, 700e6, workers)
    const room = 700e6 - 60e6 * (workers === 1 ? 1 : workers + 1)
    t.true(chunkRecords * 200 * 2 * workers <= room)
    t.true(chunkRecords === 320_000 || chunkRecords * 250 * 2 * workers > room)
  }
})

test('ranges are about half a chunk', (t) => {
  t.like(planOf(1_000_000, 100e6, 1), { ranges: 25 })
  const { ranges, chunkRecords } = planOf(100_000, 1e6, 1)
  t.true(ranges * Math.ceil(chunkRecords / 2) >= 100_000)
  t.true(ranges < 500)
})

test('there is always one chunk and one range', (t) => {
  t.deepEqual(planOf(0, 1, 9), { chunkRecords: 1, ranges: 1 })
})
