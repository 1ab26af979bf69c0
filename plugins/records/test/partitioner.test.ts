import test from 'ava'
import { bordersOf, HashPartitioner, type Partitioner, RangePartitioner, type Slice } from '../src/index.js'
import { sliceOf } from './pairs.js'

function of(partitioner: Partitioner, { bytes, start, end }: Slice): number {
  return partitioner.of(bytes, start, end)
}

test('ranges are about equally full if keys are like the sample', (t) => {
  const sample = Array.from({ length: 1_000 }, (_, at) => sliceOf(String(at).padStart(4, '0')))
  const partitioner = new RangePartitioner(bordersOf(sample, 4))
  const full = [0, 0, 0, 0]
  for (const key of sample) full[of(partitioner, key)]! += 1
  t.deepEqual(full, [250, 250, 250, 250])
})

test('a key that is most of the sample makes one range, and none that is empty', (t) => {
  const sample = ['a', 'b', 'b', 'b', 'b', 'b', 'b', 'c'].map(sliceOf)
  t.deepEqual(bordersOf(sample, 5).map(String), ['b'])
})

test('by hash, keys are spread over all partitions, equal ones to the same', (t) => {
  const partitioner = new HashPartitioner(8)
  const full = new Array<number>(8).fill(0)
  for (let at = 0; at < 8_000; at += 1) full[of(partitioner, sliceOf(`key ${at}`))]! += 1
  t.true(full.every((count) => count > 800 && count < 1_200))
  t.is(of(partitioner, sliceOf('same')), of(partitioner, sliceOf('a same').part(2)))
})
