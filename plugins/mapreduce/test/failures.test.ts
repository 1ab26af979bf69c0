import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import test, { type ExecutionContext } from 'ava'
import type { Runtime } from 'stigmergy'
import { count, lines, mapReduce, text } from '../src/index.js'
import { Here, resultsOf, runtimeFor } from './here.js'
import { counts, failing, jobs, pairs } from './jobs.js'

interface Place {
  readonly here: Here
  readonly runtime: Runtime
  readonly input: string
}

async function place(t: ExecutionContext, content: string): Promise<Place> {
  const here = new Here(t)
  const input = here.path('input')
  writeFileSync(input, content)
  return { here, runtime: await runtimeFor(t), input }
}

const culprits = [
  { content: 'fine\nmap\n', message: /map threw for the record at byte 5 of .*: map was told to/ },
  { content: 'x\nx\nx\n', message: /map threw for the record at byte 4 of .*: three are too many/ },
  { content: 'fine\npartition\n', message: /partition threw for the key partition: .* 0 to 1, not 2/ },
  { content: 'reduce\n', message: /reduce threw for the key reduce: reduce was told to/ },
  { content: 'output\n', message: /output threw for the key output: output was told to/ },
]

for (const { content, message } of culprits)
  test(`a run fails with what a function of the job threw, and leaves nothing: ${String(message)}`, async (t) => {
    const { here, runtime, input } = await place(t, content)
    const folder = here.path('out')
    const options = { input, partitions: 2, temporary: here.temporary, output: { folder } }
    await t.throwsAsync(() => failing.run(runtime, options), { code: 'STG_MAPREDUCE_RECORD', message })
    t.deepEqual(here.left, [])
    t.deepEqual(readdirSync(folder), [])
  })

test('what cannot be read fails the job, or is left out and told of', async (t) => {
  const { here, runtime, input } = await place(t, 'a\n')
  const gone = { file: here.path('gone'), bytes: 3 }
  const options = { input: [gone, input], temporary: here.temporary }
  await t.throwsAsync(() => resultsOf(counts, runtime, options), {
    code: 'STG_MAPREDUCE_INPUT',
    message: /gone/,
  })
  const report = await counts.run(runtime, { ...options, unreadable: 'skip', output: () => undefined })
  t.deepEqual(
    report.skipped.map(({ file }) => file),
    [gone.file],
  )
  t.is(report.records, 1)
  t.deepEqual(here.left, [])
})

test('a file that has become shorter is told of, and never read beyond its end', async (t) => {
  const { here, runtime, input } = await place(t, 'a\nb\nc\n')
  truncateSync(input, 3)
  const options = { input: [{ file: input, bytes: 6 }], temporary: here.temporary }
  await t.throwsAsync(() => resultsOf(counts, runtime, options), {
    code: 'STG_MAPREDUCE_INPUT',
    message: /became shorter/,
  })
})

test('a file of records has to be whole', async (t) => {
  const { here, runtime, input } = await place(t, 'aaaabbb')
  await t.throwsAsync(() => resultsOf(pairs, runtime, { input, temporary: here.temporary }), {
    code: 'STG_MAPREDUCE_INPUT',
    message: /7 bytes, which are not whole records of 4/,
  })
})

test('an input that fails while it comes fails the run with its own error', async (t) => {
  const { here, runtime } = await place(t, '')
  const failure = new Error('the line went dead')
  async function* broken(): AsyncGenerator<string> {
    yield 'a\n'
    throw failure
  }
  const error = await t.throwsAsync(() =>
    resultsOf(counts, runtime, { input: broken(), temporary: here.temporary }),
  )
  t.is(error, failure)
  t.deepEqual(here.left, [])
})

test('what a function for results throws ends the run, and nothing is left', async (t) => {
  const { here, runtime, input } = await place(t, 'a\nb\n')
  const failure = new Error('no more of that')
  const output = (): never => {
    throw failure
  }
  const error = await t.throwsAsync(() => counts.run(runtime, { input, output, temporary: here.temporary }))
  t.is(error, failure)
  t.deepEqual(here.left, [])
})

test('whoever stops reading results ends the run, and nothing is left', async (t) => {
  const { here, runtime, input } = await place(t, 'a\nb\nc\n')
  for await (const [word] of counts.results(runtime, { input, temporary: here.temporary })) {
    t.truthy(word)
    break
  }
  t.deepEqual(here.left, [])
})

test('a signal cancels a run, also one that has not begun', async (t) => {
  const { here, runtime, input } = await place(t, 'a\n'.repeat(1_000))
  const options = { input, temporary: here.temporary, chunkBytes: 10 }
  const begun = new AbortController()
  await t.throwsAsync(
    () =>
      counts.run(runtime, {
        ...options,
        signal: begun.signal,
        onProgress: () => begun.abort(new Error('enough')),
        output: { folder: here.path('out') },
      }),
    { code: 'STG_SESSION_CANCELLED' },
  )
  await t.throwsAsync(() => resultsOf(counts, runtime, { ...options, signal: AbortSignal.abort() }), {
    code: 'STG_SESSION_CANCELLED',
  })
  t.deepEqual(here.left, [])
  t.false(existsSync(here.path('out/part-00000')))
})

test('a file that was there stays as it was when a run into it fails', async (t) => {
  const { here, runtime, input } = await place(t, 'aaaabbb')
  const file = here.path('sorted')
  writeFileSync(file, 'before')
  await t.throwsAsync(() => pairs.run(runtime, { input, temporary: here.temporary, output: { file } }))
  t.is(readFileSync(file, 'utf8'), 'before')
})

test('a folder for what does not fit that cannot be written is an error of the system', async (t) => {
  const { here, runtime, input } = await place(t, 'a\n')
  const temporary = here.path('nowhere')
  await t.throwsAsync(() => resultsOf(counts, runtime, { input, temporary }), { code: 'ENOENT' })
  mkdirSync(temporary)
  if (process.getuid?.() === 0) return // who may do everything is refused nothing
  chmodSync(temporary, 0o500)
  await t.throwsAsync(() => resultsOf(counts, runtime, { input, temporary }), { code: 'EACCES' })
})

const wrongOptions: readonly (readonly [field: string, options: object])[] = [
  ['options.input', {}],
  ['options.input', { input: 7 }],
  ['options.partitions', { input: 'a', partitions: 0 }],
  ['options.partitions', { input: 'a', partitions: 10_001 }],
  ['options.memoryBytes', { input: 'a', memoryBytes: 0 }],
  ['options.chunkBytes', { input: 'a', chunkBytes: 0.5 }],
  ['options.unreadable', { input: 'a', unreadable: 'ignore' }],
  ['options.signal', { input: 'a', signal: {} }],
  ['options.onProgress', { input: 'a', onProgress: 1 }],
  ['options.chunk', { input: 'a', chunk: 1 }],
  ['options.output', { input: 'a', output: {} }],
  ['options.output', { input: 'a', output: { file: 'x', folder: 'y' } }],
  ['options.output', { input: 'a', output: { file: 'x' } }],
]

for (const [field, options] of wrongOptions)
  test(`a wrong option is named: ${JSON.stringify(options)}`, async (t) => {
    const runtime = await runtimeFor(t)
    const run = () => counts.run(runtime, { output: () => undefined, ...options } as never)
    const error = await t.throwsAsync(run, { code: 'STG_CONFIG_INVALID' })
    t.like(error, { details: { what: 'mapReduce', field } })
  })

test('a folder that is in use is not written to', async (t) => {
  const { here, runtime, input } = await place(t, 'a\n')
  await t.throwsAsync(() => counts.run(runtime, { input, output: { folder: here.folder } }), {
    code: 'STG_CONFIG_INVALID',
    message: /empty or new/,
  })
})

const definition = { input: lines(), key: text, value: count, map: () => undefined }
const wrongDefinitions: readonly (readonly [field: string, change: object])[] = [
  ['map', { map: undefined }],
  ['combine', { combine: 1 }],
  ['reduce', { reduce: 'sum' }],
  ['output', { output: {} }],
  ['key', { key: 'text' }],
  ['value', { value: undefined }],
  ['result', { result: 5 }],
  ['input', { input: 'lines' }],
  ['partition', { partition: 'random' }],
  ['mapper', { mapper: () => undefined }],
]

for (const [field, change] of wrongDefinitions)
  test(`a wrong field of a job is named: ${field}`, (t) => {
    t.throws(() => mapReduce('wrong', { ...definition, ...change }), {
      code: 'STG_CONFIG_INVALID',
      message: new RegExp(`^mapReduce: ${field} `),
    })
  })

test('too many chunks are refused, with the least size that would do', async (t) => {
  const { here, runtime } = await place(t, '')
  const input = [{ file: here.path('huge'), bytes: 10 ** 12 }]
  await t.throwsAsync(() => resultsOf(jobs.hash, runtime, { input, chunkBytes: 100_000 }), {
    code: 'STG_CONFIG_INVALID',
    message: /at least 10000000 /,
  })
})
