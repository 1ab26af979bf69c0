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
  pairsOf,
  reduceTask,
  resultCodecOf,
  tasksFor,
  text,
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
  t.like(await problemOf(t, { reduce: fail }), { fn: 'reduce', where: { key: 'b' }, cause: failure })
  t.like(await problemOf(t, { partition }), { fn: 'partition', where: { key: 'b' } })
})
