import test from 'ava'
import fc from 'fast-check'
import {
  bytes,
  byPrefix,
  count,
  type Definition,
  fixed,
  lines,
  planOf,
  type Slice,
  text,
} from '../src/index.js'

const sort: Definition<Slice, Slice, Slice> = {
  input: fixed(100),
  key: bytes,
  value: bytes,
  map: byPrefix(10),
  partition: 'range',
}
const words: Definition<string, string, number> = {
  input: lines(),
  key: text,
  value: count,
  map: (line, emit) => emit(line, 1),
  combine: (one, other) => one + other,
}
const file = (size: number) => [{ file: 'input', bytes: size }]
const megabyte = 1_000_000

test('with enough memory a chunk is a 64th of the input, and a sorted partition is near the processor', (t) => {
  const { sizes, chunks } = planOf(sort, file(400 * megabyte), { memoryBytes: 2 ** 28, tasksAtATime: 2 })
  t.is(chunks.length, 64)
  t.is(sizes.partitions, 96)
  t.is(sizes.taskBytes, 64 * 2 ** 20)
})

test('with hardly any memory there are no more tasks and pieces than are worth their while', (t) => {
  const { sizes, chunks } = planOf(sort, file(10 * megabyte), { memoryBytes: 1, tasksAtATime: 2 })
  t.is(sizes.taskBytes, 2 ** 20)
  t.is(chunks.length, 20)
  t.is(sizes.partitions, 29)
  const large = planOf(sort, file(1_000 * megabyte), { memoryBytes: 1, tasksAtATime: 2 })
  t.is(large.chunks.length, 1_908)
  t.is(large.sizes.partitions, 128)
})

test('chunks and partitions never make pieces that are not worth a read, nor too many tasks', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 10 ** 10 }),
      fc.integer({ min: 1, max: 2 ** 34 }),
      fc.integer({ min: 1, max: 64 }),
      fc.constantFrom(sort, words as unknown as typeof sort),
      (records, memoryBytes, tasksAtATime, definition) => {
        const bytes = records * 100
        const { sizes, chunks } = planOf(definition, file(bytes), { memoryBytes, tasksAtATime })
        t.true(chunks.length <= 100_000)
        t.true(chunks.length <= Math.max(1, Math.ceil(bytes / 2 ** 19)))
        const mean = bytes / chunks.length / sizes.partitions
        t.true(sizes.partitions === 1 || mean > 2_000, `${chunks.length} × ${sizes.partitions} pieces`)
      },
    ),
  )
})

test('what is asked for is done, and a file that is not of whole records is named', (t) => {
  const asked = { memoryBytes: 2 ** 28, tasksAtATime: 2, partitions: 7, chunkBytes: 1_000 }
  const { sizes, chunks } = planOf(sort, file(10_000), asked)
  t.is(sizes.partitions, 7)
  t.is(chunks.length, 10)
  t.throws(() => planOf(sort, file(150), asked), { message: /^input: it has 150 bytes, which are not whole/ })
})
