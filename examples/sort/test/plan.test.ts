import test from 'ava'
import { planOf } from '../src/plan.js'

test('the chunks of all workers fit into the memory', (t) => {
  for (const workers of [1, 2, 8]) {
    const { chunkRecords } = planOf(100_000_000, 50e6, workers)
    t.true(chunkRecords * 200 * 2 * workers <= 50e6)
    t.true(chunkRecords * 250 * 2 * workers > 50e6)
  }
})

test('ranges are about half a chunk', (t) => {
  t.like(planOf(1_000_000, 40e6, 1), { ranges: 25 })
  t.true(planOf(100_000, 1e6, 1).ranges * planOf(100_000, 1e6, 1).chunkRecords >= 200_000)
})

test('there is always one chunk and one range', (t) => {
  t.deepEqual(planOf(0, 1, 9), { chunkRecords: 1, ranges: 1 })
})
