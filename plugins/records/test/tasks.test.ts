import { mkdirSync } from 'node:fs'
import test, { type ExecutionContext } from 'ava'
import fc from 'fast-check'
import {
  chunksOf,
  type Definition,
  Desks,
  FunctionProblem,
  type Job,
  lines,
  mapTask,
  packDeal,
  pairsOf,
  reduceTask,
  resultCodecOf,
  tasksFor,
  text,
  unpackDeal,
} from '../src/index.js'
import { Here, never } from './here.js'

/** Lines by their first letter. */
const byLetter: Definition<string, string, string, string> = {
  input: lines(),
  key: text,
  value: text,
  map: (line, emit) => emit(line[0] ?? '', line),
  partition: 'range',
  reduce: (_letter, all) => [...all].join('+'),
  result: text,
}

interface Cut {
  readonly taskBytes: number
  readonly chunkBytes: number
  readonly partitions: number
}

/** Does all tasks of a definition on one file, one after the other. */
async function resultsOf(
  here: Here,
  definition: Definition<string, string, string, string>,
  content: string,
  { taskBytes, chunkBytes, partitions }: Cut,
): Promise<readonly (readonly [key: string, result: string])[]> {
  const input = [{ file: here.file('input', content), bytes: Buffer.byteLength(content) }]
  mkdirSync(here.path('spills'), { recursive: true })
  const job: Job = {
    ...{ folder: here.path('spills'), target: 'caller', skipsUnreadable: false },
    ...{ partitions, taskBytes, mapBytes: 100, reduceBytes: 100 },
  }
  const results: (readonly [string, string])[] = []
  await new Desks().with(async (desk) => {
    const means = { definition, desk, signal: never }
    const tasks = await tasksFor(chunksOf(input, chunkBytes, 1), job, means)
    const mapped = []
    for (const task of tasks) mapped.push(...(await mapTask(task, 2, means)).deals)
    for (let partition = 0; partition < tasks[0]!.job.partitions; partition += 1) {
      const own = mapped.filter(({ first, sizes }) => partition >= first && partition < first + sizes.length)
      // Deals may come in any order.
      const reduced = await reduceTask(partition, own.reverse(), means)
      for (const { key, value } of pairsOf(reduced.results))
        results.push([text.decode(key), resultCodecOf(definition).decode(value)])
    }
  })
  return results
}

function expectedFor(all: readonly string[]): readonly (readonly [string, string])[] {
  const letters = [...new Set(all.map((line) => line[0] ?? ''))].sort()
  return letters.map((letter) => [letter, all.filter((line) => (line[0] ?? '') === letter).join('+')])
}

const cuts = fc.record({
  taskBytes: fc.integer({ min: 64, max: 2_000 }),
  chunkBytes: fc.integer({ min: 1, max: 500 }),
  partitions: fc.integer({ min: 1, max: 5 }),
})

test('tasks come to what a plain loop does, however little they may hold', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.stringMatching(/^[a-e][a-z]{0,40}$/), { maxLength: 60 }),
      cuts,
      async (all, cut) => {
        t.deepEqual(await resultsOf(new Here(t), byLetter, all.join('\n'), cut), expectedFor(all))
      },
    ),
    { numRuns: 100 },
  )
})

test('without reduce each value is a result, read by the codec of values', async (t) => {
  const { reduce: _none, ...plain } = byLetter
  const result = { ...text, decode: () => 'read by the codec of results' }
  const cut = { taskBytes: 4_096, chunkBytes: 3, partitions: 2 }
  t.deepEqual(await resultsOf(new Here(t), { ...plain, result }, 'b1\na\nb2\n', cut), [
    ['a', 'a'],
    ['b', 'b1'],
    ['b', 'b2'],
  ])
})

test('what refine emits goes on instead of the pairs, combined or not, however little tasks may hold', async (t) => {
  const refine = (key: string, value: string, emit: (key: string, value: string) => void): void => {
    for (const letter of key) emit(letter.toUpperCase(), value)
  }
  const map = (line: string, emit: (key: string, value: string) => void): void => emit(line, '1')
  const add = (one: string, other: string): string => String(Number(one) + Number(other))
  const reduce = (_letter: string, all: Iterable<string>): string => [...all].reduce(add)
  const lines = fc.array(fc.stringMatching(/^[a-f]{1,9}$/), { minLength: 1, maxLength: 60 })
  const kinds = fc.record({ isCombined: fc.boolean(), isRanged: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(lines, cuts, kinds, async (all, cut, { isCombined, isRanged }) => {
      const definition = { ...byLetter, map, refine, reduce, ...(isCombined ? { combine: add } : {}) }
      const partition = isRanged ? 'range' : 'hash'
      const results = await resultsOf(new Here(t), { ...definition, partition }, all.join('\n'), cut)
      const letters = all.join('').toUpperCase()
      const expected = [...new Set(letters)].map((letter) => [
        letter,
        String(letters.split(letter).length - 1),
      ])
      if (isRanged) t.deepEqual(results, expected.sort())
      else t.deepEqual(results.toSorted(), expected.sort())
    }),
    { numRuns: 100 },
  )
})

test('refine is called once for many equal keys', async (t) => {
  const seen: string[] = []
  const refine = (key: string, value: string, emit: (key: string, value: string) => void): void => {
    seen.push(key)
    emit(key, value)
  }
  const combine = (one: string, other: string): string => one + other
  const cut = { taskBytes: 2 ** 18, chunkBytes: 1_000, partitions: 1 }
  const definition = { ...byLetter, partition: 'hash', refine, combine } as const
  t.deepEqual(await resultsOf(new Here(t), definition, 'a\nb\na\na\n', cut), [
    ['a', 'aaa'],
    ['b', 'b'],
  ])
  t.deepEqual(seen, ['a', 'b'])
})

test('a packed deal is the deal, and what it holds is not copied when it is unpacked', (t) => {
  const job: Job = {
    ...{ folder: 'a folder, ä', target: 'caller', skipsUnreadable: false },
    ...{ partitions: 2, taskBytes: 64, mapBytes: 100.5, reduceBytes: 100 },
  }
  const numbers = {
    pairs: Float64Array.of(1, 2),
    payload: Float64Array.of(3, 4),
    sizes: Float64Array.of(2, 1),
  }
  const deal = {
    job,
    task: 7,
    first: 3,
    before: 2 ** 40,
    file: 'a file',
    at: 9,
    overflow: [4, 0, 8],
    ...numbers,
  }
  const held = Buffer.from([1, 2, 3])
  const packed = packDeal({ ...deal, held })
  const unpacked = unpackDeal(packed)
  t.deepEqual(unpacked, { ...deal, held })
  t.is(unpacked.held?.buffer, packed.buffer)
  t.deepEqual(unpackDeal(packDeal({ ...deal, held: undefined })), { ...deal, held: undefined })
  t.deepEqual(unpackDeal(packDeal({ ...deal, held: Buffer.alloc(0) })), { ...deal, held: Buffer.alloc(0) })
})

async function problemOf(
  t: ExecutionContext,
  functions: Partial<Definition<string, string, string, string>>,
): Promise<FunctionProblem> {
  const cut = { taskBytes: 4_096, chunkBytes: 100, partitions: 2 }
  return t.throwsAsync<FunctionProblem>(
    () => resultsOf(new Here(t), { ...byLetter, ...functions }, 'fine\nbad\n', cut),
    { instanceOf: FunctionProblem },
  )
}

test('what a function throws is told with its record or key', async (t) => {
  const failure = new Error('no')
  const fail = (): never => {
    throw failure
  }
  const partition = (key: string): number => (key === 'b' ? 2 : 0)
  const map = await problemOf(t, { map: (line) => line === 'bad' && fail(), partition: 'hash' })
  t.like(map, { fn: 'map', where: { offset: 5 }, cause: failure })
  t.like(await problemOf(t, { refine: fail }), { fn: 'refine', where: { key: 'f' }, cause: failure })
  t.like(await problemOf(t, { reduce: fail }), { fn: 'reduce', where: { key: 'b' }, cause: failure })
  t.like(await problemOf(t, { partition }), { fn: 'partition', where: { key: 'b' } })
})
