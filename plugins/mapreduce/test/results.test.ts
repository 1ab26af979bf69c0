import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import type { JobOptions } from '../src/index.js'
import { Here, resultsOf, runtimeFor } from './here.js'
import { counts, firstWordOf, jobs, pairs, places } from './jobs.js'

/** What a job by first words must come to: the lines by the word that they begin with. */
function linesByWord(all: readonly string[]): Map<string, string[]> {
  const byWord = new Map<string, string[]>()
  for (const line of all.toSorted()) {
    const same = byWord.get(firstWordOf(line))
    if (same === undefined) byWord.set(firstWordOf(line), [line])
    else same.push(line)
  }
  return byWord
}

/** Results in the order of their keys, because that of partitions is nobody's business. */
function sorted<R>(results: Iterable<readonly [string, R]>): readonly (readonly [string, R])[] {
  return [...results].sort(([one], [other]) => inOrderOfBytes(one, other))
}

function inOrderOfBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}

/** Words of which few are frequent and some have characters of several bytes. */
const word = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'bee', 'ähre', '🌾', '') },
  { weight: 1, arbitrary: fc.stringMatching(/^[^\s\p{C}]{0,9}$/u) },
)
const line = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(' '))
const ending = fc.constantFrom('\n', '\r\n')

/** The lines of a file, and its text, in which the last line may lack what ends it. */
const file = fc
  .record({ lines: fc.array(fc.tuple(line, ending), { maxLength: 30 }), isEnded: fc.boolean() })
  .map(({ lines, isEnded }) => {
    const ended = lines.map(([line, ending]) => line + ending).join('')
    const [last] = lines.at(-1) ?? ['']
    const open = lines.map(([line, ending], at) => (at === lines.length - 1 ? line : line + ending)).join('')
    const all = lines.map(([line]) => line)
    return isEnded || last === '' ? { lines: all, text: ended } : { lines: all, text: open }
  })

const cuts = fc.record({
  chunkBytes: fc.integer({ min: 1, max: 200 }),
  partitions: fc.integer({ min: 1, max: 7 }),
})

test('results are those of a plain loop, wherever input is cut and however keys are dealt', async (t) => {
  const here = new Here(t)
  const runtime = await runtimeFor(t)
  let run = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(file, { minLength: 1, maxLength: 3 }),
      cuts,
      fc.constantFrom(...Object.keys(jobs)),
      async (files, options, kind) => {
        run += 1
        const input = files.map(({ text }, at) => {
          const path = here.path(`run-${run}-${at}`)
          writeFileSync(path, text)
          return path
        })
        const job = jobs[kind as keyof typeof jobs]
        const results = await resultsOf(job, runtime, { input, temporary: here.temporary, ...options })
        const expected = linesByWord(files.flatMap(({ lines }) => lines))
        t.deepEqual(sorted(results), sorted(expected))
        if (kind === 'range')
          t.deepEqual(
            results.map(([word]) => word),
            [...expected.keys()].sort(inOrderOfBytes),
          )
      },
    ),
    { numRuns: 100 },
  )
  t.deepEqual(here.left, [])
})

test('combined or not, and however little memory there is, the same comes out', async (t) => {
  const here = new Here(t)
  const runtime = await runtimeFor(t)
  const words = Array.from({ length: 100_000 }, (_, at) => `word-${(at * at) % 3_001} and more`)
  const input = here.path('words')
  writeFileSync(input, words.map((line) => `${line}\n`).join(''))
  const options: JobOptions = { input, temporary: here.temporary, memoryBytes: 1, partitions: 3 }
  const expected = linesByWord(words)
  t.deepEqual(sorted(await resultsOf(jobs.range, runtime, options)), sorted(expected))
  const counted = [...expected].map(([word, lines]) => [word, lines.length] as const)
  t.deepEqual(sorted(await resultsOf(counts, runtime, options)), sorted(counted))
  t.deepEqual(here.left, [])
})

test('a record may be larger than all the memory of the job', async (t) => {
  const here = new Here(t)
  const runtime = await runtimeFor(t)
  const all = ['small', `huge ${'x'.repeat(4_500_000)}`, 'small', `huge ${'y'.repeat(4_600_000)}`]
  const input = here.path('huge')
  writeFileSync(input, all.join('\n'))
  const options = { input, temporary: here.temporary, memoryBytes: 1, chunkBytes: 4_000_000 }
  t.deepEqual(sorted(await resultsOf(jobs.hash, runtime, options)), sorted(linesByWord(all)))
})

test('map is told where each record begins', async (t) => {
  const here = new Here(t)
  const runtime = await runtimeFor(t)
  const [one, two] = [here.path('one'), here.path('two')]
  writeFileSync(one, 'first\r\n\nthird')
  writeFileSync(two, 'ä\nother\n')
  const input = [one, two]
  const results = await resultsOf(places, runtime, { input, chunkBytes: 3, temporary: here.temporary })
  t.deepEqual(
    sorted(results),
    sorted([
      ['first', [one, 0]],
      ['', [one, 7]],
      ['third', [one, 8]],
      ['ä', [two, 0]],
      ['other', [two, 3]],
    ]),
  )
})

test('input is files, folders, globs, or bytes as they come', async (t) => {
  const here = new Here(t)
  const runtime = await runtimeFor(t)
  const folder = here.path('folder')
  mkdirSync(join(folder, 'deep'), { recursive: true })
  writeFileSync(join(folder, 'a.log'), 'a\n')
  writeFileSync(join(folder, 'b.txt'), 'b\n')
  writeFileSync(join(folder, 'deep', 'c.log'), 'c\n')
  const found = async (input: JobOptions['input']): Promise<readonly string[]> => {
    const results = await resultsOf(counts, runtime, { input, temporary: here.temporary })
    return results.map(([word]) => word).sort()
  }
  t.deepEqual(await found(folder), ['a', 'b', 'c'])
  t.deepEqual(await found([join(folder, '**/*.log')]), ['a', 'c'])
  t.deepEqual(await found([{ file: join(folder, 'b.txt'), bytes: 2 }]), ['b'])
  t.deepEqual(
    await found(
      (async function* () {
        yield 'split in'
        yield Buffer.from(' two\nlast')
      })(),
    ),
    ['last', 'split'],
  )
  t.deepEqual(await found((async function* () {})()), [])
  t.deepEqual(here.left, [])
})

test('output is a folder with a file for each partition, one file in order, or a function that is waited for', async (t) => {
  const here = new Here(t)
  const runtime = await runtimeFor(t)
  const input = here.path('input')
  const options = { input, temporary: here.temporary, partitions: 2 }
  writeFileSync(input, 'b x\na\nb y\n')
  const folder = here.path('out/parts')
  await counts.run(runtime, { ...options, output: { folder } })
  const parts = readdirSync(folder).sort()
  t.deepEqual(parts, ['part-00000', 'part-00001'])
  const written = parts.map((part) => readFileSync(join(folder, part), 'utf8')).join('')
  t.deepEqual(written.split('\n').sort(), ['', 'a=1', 'b=2'])

  const called: [string, number][] = []
  let open = 0
  await counts.run(runtime, {
    ...options,
    output: async (word, total) => {
      t.is((open += 1), 1)
      await Promise.resolve()
      called.push([word, total])
      open -= 1
    },
  })
  t.deepEqual(sorted(called), [
    ['a', 1],
    ['b', 2],
  ])

  const records = here.path('records')
  const file = here.path('sorted')
  writeFileSync(records, 'ccc1aaa2bbb3aaa4')
  writeFileSync(file, 'what was there before')
  await pairs.run(runtime, { ...options, input: records, output: { file } })
  t.is(readFileSync(file, 'utf8'), 'aaa2aaa4bbb3ccc1')
  t.deepEqual(here.left, [])
})

test('a report has totals, the share of each partition, and how uneven these are', async (t) => {
  const here = new Here(t)
  const runtime = await runtimeFor(t)
  const input = here.path('input')
  writeFileSync(input, `${'ab\n'.repeat(9)}a\n`)
  const progress: string[] = []
  const report = await jobs.own.run(runtime, {
    input,
    temporary: here.temporary,
    partitions: 2,
    chunkBytes: 10,
    onProgress: ({ phase, done, total }) => progress.push(`${phase} ${done}/${total}`),
    output: () => undefined,
  })
  t.like(report, { records: 10, bytes: 29, skipped: [] })
  t.deepEqual(report.partitions, [
    { pairs: 9, bytes: 36 },
    { pairs: 1, bytes: 2 },
  ])
  t.is(report.skew, 36 / 19)
  t.deepEqual(progress.slice(-2), ['reduce 1/2', 'reduce 2/2'])
  t.deepEqual(
    progress.filter((line) => line.startsWith('map')),
    ['map 10/29', 'map 20/29', 'map 29/29'],
  )
})
