import { readFile } from 'node:fs/promises'
import { once } from 'node:events'
import { join } from 'node:path'
import test from 'ava'
import { numbersApp } from './apps.js'
import { begin, ended, folderWith, stigmergy } from './setting.js'

const lines = (output: string): readonly string[] => output.trimEnd().split('\n')

test('each input is a session, and the results come in the order of the inputs', async (t) => {
  const folder = await folderWith(t, {
    'app.ts': numbersApp,
    'four.json': '4',
    'more.jsonl': '6\n\n8\n',
  })
  const args = ['run', 'app.ts', '2', '@four.json', '@more.jsonl', '-']
  const { code, stdout } = await stigmergy(folder, args, '10\n12\n')
  t.is(code, 0)
  const results = lines(stdout).filter((line) => /^\d+$/.test(line))
  t.deepEqual(results, ['1', '2', '3', '4', '5', '6'])
  t.is(lines(stdout).filter((line) => line.startsWith('pair')).length, 3)
})

test('a failed session is told, the others go on, and the exit code is 1', async (t) => {
  const folder = await folderWith(t, { 'app.ts': numbersApp })
  const { code, stdout, stderr } = await stigmergy(folder, ['run', 'app.ts', '3', '4'])
  t.is(code, 1)
  t.true(lines(stdout).includes('2'))
  t.regex(stderr, /^session \S+, input 0, failed: STG_FUNCTION_FAILED: Function half failed: 3 is odd$/m)
})

test('with --json each session is a line, whether it succeeded or failed', async (t) => {
  const folder = await folderWith(t, { 'app.ts': numbersApp })
  const { stdout } = await stigmergy(folder, ['run', 'app.ts', '3', '4', '--json'])
  const told = lines(stdout).filter((line) => line.startsWith('{'))
  const [failed, succeeded] = told.map((line) => JSON.parse(line) as Record<string, unknown>)
  t.like(failed, { input: 0, outcome: 'failed', error: { code: 'STG_FUNCTION_FAILED' } })
  t.like(succeeded, { input: 1, outcome: 'succeeded', result: 2 })
})

test('what bucket-scoped triggers hold is fired at the end, and its failure counts', async (t) => {
  const folder = await folderWith(t, { 'app.ts': numbersApp })
  const rest = await stigmergy(folder, ['run', 'app.ts', '4'])
  t.is(rest.code, 0)
  t.true(lines(rest.stdout).includes('pair 2'))
  const { code, stderr } = await stigmergy(folder, ['run', 'app.ts', '400'])
  t.is(code, 1)
  t.regex(stderr, /^session ~halves\.pair\/0 failed: STG_FUNCTION_FAILED: .*a large pair/m)
})

test('an input that is no JSON is a wrong call, told with its place', async (t) => {
  const folder = await folderWith(t, { 'app.ts': numbersApp, 'bad.jsonl': '2\nx\n' })
  for (const [input, place] of [
    ['word', 'The input word is no JSON'],
    ['@bad.jsonl', 'Line 2 of bad.jsonl is no JSON'],
  ] as const) {
    const { code, stderr } = await stigmergy(folder, ['run', 'app.ts', input])
    t.is(code, 2)
    t.true(stderr.includes(place), stderr)
  }
  const missing = await stigmergy(folder, ['run', 'app.ts', '@none.jsonl'])
  t.is(missing.code, 1)
  t.regex(missing.stderr, /none\.jsonl/)
})

test('--text takes inputs as they are', async (t) => {
  const folder = await folderWith(t, {
    'app.ts': `import { defineApp } from 'stigmergy'
      export const app = defineApp('app', (app) => {
        app.fn<string, string>('shout', ({ value }, { reply }) => reply(value.toUpperCase()))
      })`,
  })
  const { stdout } = await stigmergy(folder, ['run', 'app.ts', '--text', 'one', '-'], 'two words\n')
  t.is(stdout, 'ONE\nTWO WORDS\n')
})

test('which function runs is the one that is handed out, or that no trigger runs, or that is named', async (t) => {
  const app = (handles: string, target = 'two'): string => `import { defineApp, immediate } from 'stigmergy'
    export const app = defineApp('app', (app) => {
      const bucket = app.bucket('bucket')
      const one = app.fn('one', (_fired, { reply }) => reply('one'))
      const two = app.fn('two', (_fired, { reply }) => reply('two'))
      bucket.when(immediate(), ${target})
      return ${handles}
    })`
  const folder = await folderWith(t, {
    'free.ts': app('{ bucket }'),
    'handed.ts': app('{ two }'),
    'both.ts': app('{ one, two }', `app.fn('three', () => undefined)`),
  })
  t.is((await stigmergy(folder, ['run', 'free.ts'])).stdout, 'one\n')
  t.is((await stigmergy(folder, ['run', 'handed.ts'])).stdout, 'two\n')
  t.is((await stigmergy(folder, ['run', 'handed.ts', '--fn', 'one'])).stdout, 'one\n')
  const both = await stigmergy(folder, ['run', 'both.ts'])
  t.is(both.code, 1)
  t.regex(both.stderr, /^STG_FUNCTION_UNKNOWN: .*--fn one or --fn two/)
  const none = await stigmergy(folder, ['run', 'both.ts', '--fn', 'four'])
  t.regex(none.stderr, /has no function "four"; it has one, two, three/)
})

for (const kind of ['thread', 'process'])
  test(`functions run on workers, ${kind} by ${kind}`, async (t) => {
    const folder = await folderWith(t, {
      'app.mjs': `import { isMainThread } from 'node:worker_threads'
        import { defineApp } from 'stigmergy'
        const started = process.argv[1]
        export const app = defineApp('app', (app) => {
          app.fn('where', (_fired, { reply }) => reply(isMainThread ? (started.endsWith('main.ts') ? 'here' : 'process') : 'thread'))
        })`,
    })
    const { stdout, stderr } = await stigmergy(folder, ['run', 'app.mjs', '--workers', '1', '--kind', kind])
    t.is(stdout, `${kind}\n`, stderr)
  })

const slowApp = `
import { defineApp } from 'stigmergy'
export const app = defineApp('app', (app) => {
  app.fn('slow', async ({ value }, { reply, signal }) => {
    console.log('begun')
    await new Promise((resolve) => {
      if (value === 'ends') process.once('SIGINT', () => setImmediate(resolve))
      signal.addEventListener('abort', resolve)
      setTimeout(() => undefined, 60_000)
    })
    reply('done')
  })
})
`

test('the first signal lets work finish and takes no more inputs', async (t) => {
  const folder = await folderWith(t, { 'app.ts': slowApp })
  const command = begin(folder, ['run', 'app.ts', '"ends"', '-'])
  const end = ended(command)
  await once(command.stdout!, 'data')
  command.kill('SIGINT')
  const { code, stdout, stderr } = await end
  t.is(code, 130)
  t.is(stdout, 'begun\ndone\n')
  t.regex(stderr, /interrupt again to end at once/)
})

test('the second signal ends at once', async (t) => {
  const folder = await folderWith(t, { 'app.ts': slowApp })
  const command = begin(folder, ['run', 'app.ts', '"stays"'])
  const end = ended(command)
  await once(command.stdout!, 'data')
  command.kill('SIGTERM')
  await once(command.stderr!, 'data')
  command.kill('SIGTERM')
  const { code, stderr } = await end
  t.is(code, 143)
  t.regex(stderr, /STG_SESSION_CANCELLED/)
})

test('no more sessions are open than --concurrency says', async (t) => {
  const folder = await folderWith(t, {
    'app.ts': `import { defineApp } from 'stigmergy'
      let open = 0
      let most = 0
      export const app = defineApp('app', (app) => {
        app.fn('count', async (_fired, { reply }) => {
          open += 1
          most = Math.max(most, open)
          await new Promise((resolve) => setImmediate(resolve))
          open -= 1
          reply(most)
        })
      })`,
  })
  const inputs = Array.from({ length: 10 }, () => '0')
  const { stdout } = await stigmergy(folder, ['run', 'app.ts', ...inputs, '--concurrency', '2'])
  t.is(Math.max(...lines(stdout).map(Number)), 2)
})

test('--log writes the triggers of the app and all that happens, with every step', async (t) => {
  const folder = await folderWith(t, { 'app.ts': numbersApp })
  await stigmergy(folder, ['run', 'app.ts', '4', '--log', 'events.jsonl'])
  const [head, ...events] = lines(await readFile(join(folder, 'events.jsonl'), 'utf8')).map(
    (line) => JSON.parse(line) as Record<string, unknown>,
  )
  t.like(head, { log: 'stigmergy', version: 1, app: 'numbers' })
  const [immediate, batch] = head!['triggers'] as readonly Record<string, unknown>[]
  t.like(immediate, { id: 'halves.show', primitive: 'immediate', target: 'show' })
  t.like(batch, { id: 'halves.pair', primitive: 'by-batch-size', options: { count: 2 } })
  const types = new Set(events.map(({ type }) => type))
  for (const type of ['session-began', 'object-put', 'trigger-stepped', 'trigger-fired', 'session-ended'])
    t.true(types.has(type), type)
})
