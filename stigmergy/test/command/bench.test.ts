import { once } from 'node:events'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import test from 'ava'
import { Desk } from '../../src/command/desk.js'
import { perform } from '../../src/command/program.js'
import { numbersApp } from './apps.js'
import { begin, ended, folderWith, stigmergy } from './setting.js'

/** Prints what it is run with, and how many of its runs are under way. */
const noting = `import { defineApp } from 'stigmergy'
  let open = 0
  export const app = defineApp('app', (app) => {
    app.fn('note', async ({ value }, { reply }) => {
      open += 1
      console.log(value, open)
      await new Promise((resolve) => setImmediate(resolve))
      open -= 1
      reply()
    })
  })`

const report = (stdout: string) => JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Record<string, unknown>

test('requests, firings and runs are counted, and their times are told', async (t) => {
  const folder = await folderWith(t, { 'app.ts': numbersApp })
  const args = ['bench', 'app.ts', '4', '--requests', '20', '--warm-up', '0', '--json']
  const { code, stdout } = await stigmergy(folder, args)
  t.is(code, 0)
  const { ms, requestsPerSecond, latencyMs, ...counts } = report(stdout)
  t.like(counts, {
    app: 'numbers',
    fn: 'half',
    workers: 0,
    concurrency: 10,
    requests: 20,
    failed: 0,
    errors: {},
  })
  t.like(counts, { firings: 30, functionRuns: 50, deadLetters: 0 })
  t.is(requestsPerSecond, (20 / (ms as number)) * 1_000)
  const { median, p99, max } = latencyMs as Record<string, number>
  t.true(0 < median! && median! <= p99! && p99! <= max! * 1.001, stdout)
})

test('for people the report is a few lines', async (t) => {
  const folder = await folderWith(t, { 'app.ts': numbersApp })
  const { stdout } = await stigmergy(folder, [
    'bench',
    'app.ts',
    '4',
    '--requests',
    '1200',
    '--concurrency',
    '1',
  ])
  const lines = stdout.split('\n').filter((line) => !/^(?:shows|pair) /.test(line))
  t.is(lines[0], 'app numbers, function half, on this event loop, 1 session at a time')
  t.regex(lines[1]!, /^requests {7}1,200 in \S+ s, 0 failed$/)
  t.regex(lines[2]!, /^throughput {5}\S+ requests a second$/)
  t.regex(lines[3]!, /^latency {8}\S+ ms median, \S+ ms p99, \S+ ms at most$/)
  t.regex(lines[4]!, /^firings {8}\S+ a second, 1\.5 a request$/)
  t.is(lines[5], 'function runs  3,000, 2.5 a request')
})

test('failed requests are counted by their codes, and the exit code is 1', async (t) => {
  const folder = await folderWith(t, { 'app.ts': numbersApp })
  const args = ['bench', 'app.ts', '4', '3', '--requests', '10', '--warm-up', '0']
  const { code, stdout, stderr } = await stigmergy(folder, args)
  t.is(code, 1)
  t.regex(stdout, /^STG_FUNCTION_FAILED {2}5$/m)
  t.regex(stderr, /^STG_FUNCTION_FAILED: Function half failed: 3 is odd\n {2}remedy: /)
  const asJson = await stigmergy(folder, ['bench', 'app.ts', '3', '--requests', '10', '--json'])
  t.is(asJson.code, 1)
  t.like(report(asJson.stdout), { failed: 10, errors: { STG_FUNCTION_FAILED: 10 }, latencyMs: null })
})

test('inputs are used in turn, first for as many requests as --warm-up says, one at a time with --concurrency 1', async (t) => {
  const folder = await folderWith(t, { 'app.ts': noting })
  const args = ['--requests', '4', '--warm-up', '2', '--concurrency', '1', '--json']
  const { stdout } = await stigmergy(folder, ['bench', 'app.ts', '1', '2', '3', ...args])
  t.deepEqual(stdout.split('\n').slice(0, 6), ['1 1', '2 1', '1 1', '2 1', '3 1', '1 1'])
})

test('as many requests are under way as --concurrency says', async (t) => {
  const folder = await folderWith(t, { 'app.ts': noting })
  const { stdout } = await stigmergy(folder, ['bench', 'app.ts', '--requests', '30', '--concurrency', '3'])
  const open = Array.from(stdout.matchAll(/^undefined (\d+)$/gm), ([, count]) => Number(count))
  t.is(open.length, 33)
  t.is(Math.max(...open), 3)
})

test('functions run on workers when that is asked for', async (t) => {
  const folder = await folderWith(t, { 'app.ts': numbersApp })
  const args = ['bench', 'app.ts', '4', '--requests', '5', '--workers', '1', '--kind', 'thread']
  const { code, stdout } = await stigmergy(folder, args)
  t.is(code, 0)
  t.regex(stdout, /^app numbers, function half, on 1 worker, each a thread, 10 sessions at a time$/m)
})

test('without any input nothing is measured', async (t) => {
  const folder = await folderWith(t, { 'app.ts': numbersApp })
  const { code, stderr } = await stigmergy(folder, ['bench', 'app.ts', '-'])
  t.is(code, 2)
  t.regex(stderr, /^error: There is no input/)
})

test('a signal ends the requests, and what was measured is told', async (t) => {
  const folder = await folderWith(t, {
    'app.ts': `import { defineApp } from 'stigmergy'
      let runs = 0
      export const app = defineApp('app', (app) => {
        app.fn('wait', async (_fired, { reply }) => {
          runs += 1
          if (runs === 3) {
            const asked = new Promise((resolve) => process.once('SIGINT', resolve))
            const wait = setTimeout(() => undefined, 60_000)
            console.log('waits')
            await asked
            clearTimeout(wait)
          }
          reply()
        })
      })`,
  })
  const args = ['bench', 'app.ts', '--requests', '1000', '--warm-up', '0', '--concurrency', '1', '--json']
  const command = begin(folder, args)
  const end = ended(command)
  await once(command.stdout!, 'data')
  command.kill('SIGINT')
  const { code, stdout } = await end
  t.is(code, 130)
  t.like(report(stdout), { requests: 3, failed: 0 })
})

test('on a terminal one line says how far it is', async (t) => {
  const folder = await folderWith(t, { 'app.mjs': noting.replace('console.log(value, open)', '') })
  const results = new PassThrough()
  const remarks = Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
  const code = await perform(
    ['bench', join(folder, 'app.mjs'), '--requests', '5'],
    new Desk(results, remarks),
  )
  results.end()
  remarks.end()
  t.is(code, 0)
  t.regex(await text(results), /^requests {7}5 in /m)
  t.true((await text(remarks)).startsWith('0 of 5 requests have ended'))
})
