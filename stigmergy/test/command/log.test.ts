import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { LastLines } from '../../src/command/log/moments.js'
import { numbersApp } from './apps.js'
import { folderWith, stigmergy } from './setting.js'

/** Triggers of every kind of event: objects, timers, deadlines, facts, flushes. */
const variedApp = `
import { byBatchSize, bySet, byTime, defineApp, dynamicGroup, dynamicJoin, redundant } from 'stigmergy'

export const varied = defineApp('varied', (app) => {
  const numbers = app.bucket<number>('numbers')
  const parts = app.bucket<number>('parts')
  const items = app.bucket<number>('items')
  const shuffle = app.bucket<number>('shuffle')
  const race = app.bucket<number>('race')
  const done = app.fn('done', () => undefined)
  const work = app.fn<number>('work', async ({ value }, { put }) => {
    await put(items, undefined, value * 2)
  })
  numbers.when(byBatchSize({ count: 3 }), done, { name: 'batches' })
  numbers.when(byTime({ every: 1 }), done, { name: 'periods' })
  parts.when(bySet({ keys: ['a', 'b'] }), done, { deadline: 1, onDeadline: 'partial' })
  items.when(dynamicJoin({ parallel: work }), done)
  shuffle.when(dynamicGroup({ producers: ['p'] }), done)
  race.when(redundant({ k: 1, n: 2 }), done)
  return {
    begin: app.fn<number>('begin', async ({ value }, { put, closed }) => {
      await put(numbers, undefined, value)
      await put(parts, 'a', value)
      for (const n of [1, 2]) await put(items, undefined, n, { role: 'item' })
      closed(items, { scope: 'items' })
      for (const group of ['x', 'y']) await put(shuffle, undefined, value, { group, producer: 'p' })
      closed(shuffle, { scope: 'producer', name: 'p' })
      await put(race, undefined, value)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }),
  }
})
`

/** A folder in which an app has run and was logged. */
async function logged(t: ExecutionContext, app: string, inputs: readonly string[]): Promise<string> {
  const folder = await folderWith(t, { 'app.ts': app })
  const { stderr } = await stigmergy(folder, ['run', 'app.ts', ...inputs, '--log', 'log.jsonl'])
  t.is(stderr.replaceAll(/^.*(warning|Warning).*$/gm, '').trim(), '')
  return folder
}

test('a replay with the same options gives the same firings, whatever made them', async (t) => {
  const folder = await logged(t, variedApp, ['1', '2', '3', '4'])
  const { code, stdout } = await stigmergy(folder, ['replay', 'log.jsonl'])
  t.is(code, 0, stdout)
  const triggers = [
    'numbers.batches',
    'numbers.periods',
    'parts.done',
    'items.done',
    'shuffle.done',
    'race.done',
  ]
  for (const trigger of triggers)
    t.regex(stdout, new RegExp(`^${trigger}: .*, as before\\n {2}[1-9]\\d* firings?, all the same$`, 'm'))
})

test('a replay with other options tells which firings differ', async (t) => {
  const folder = await logged(t, numbersApp, ['2', '4', '6', '8', '10'])
  const args = ['replay', 'log.jsonl', '--set', 'halves.pair={"count":3}']
  const { code, stdout } = await stigmergy(folder, args)
  t.is(code, 1)
  t.regex(stdout, /^halves\.show: .*, as before\n {2}5 firings, all the same$/m)
  t.regex(
    stdout,
    /^halves\.pair: .*count: 2 \} → .*count: 3 \}\n {2}0 of 3 firings would be the same, 3 would be gone, 2 would be new$/m,
  )
  t.is(stdout.match(/^ {2}- /gm)?.length, 3)
  t.is(stdout.match(/^ {2}\+ /gm)?.length, 2)
  const json = (await stigmergy(folder, [...args, '--json'])).stdout.trimEnd().split('\n')
  const pair = JSON.parse(json[1]!) as Readonly<Record<string, unknown>>
  const sizes = (pair['differences'] as { run: string; objects: object[] }[]).map(
    ({ run, objects }) => `${run} ${objects.length}`,
  )
  t.like(pair, { same: 0, onlyLogged: 3, onlyReplayed: 2 })
  t.deepEqual(sizes.sort(), ['logged 1', 'logged 2', 'logged 2', 'replayed 2', 'replayed 3'])
})

test('the options may be those of another app, and --most bounds what is told', async (t) => {
  const folder = await logged(t, numbersApp, ['2', '4', '6', '8', '10'])
  await writeFile(join(folder, 'other.ts'), numbersApp.replace('count: 2', 'count: 4'))
  const { code, stdout } = await stigmergy(folder, [
    'replay',
    'log.jsonl',
    '--with',
    'other.ts',
    '--most',
    '1',
  ])
  t.is(code, 1)
  t.is(stdout.match(/^ {2}[-+] /gm)?.length, 1)
  t.regex(stdout, /^ {2}… 2 more; --most shows more$/m)
})

test('options that would be refused are, and a trigger that is not in the log is a wrong call', async (t) => {
  const folder = await logged(t, numbersApp, ['2'])
  const refused = await stigmergy(folder, ['replay', 'log.jsonl', '--set', 'halves.pair={"count":0}'])
  t.is(refused.code, 1)
  t.regex(refused.stderr, /^STG_OPTIONS_INVALID: trigger halves\.pair: /)
  for (const set of ['halves.none={}', 'halves.pair={', 'halves.pair']) {
    const { code } = await stigmergy(folder, ['replay', 'log.jsonl', '--set', set])
    t.is(code, 2, set)
  }
})

test('a trigger is explained step by step, with what it awaited', async (t) => {
  const folder = await logged(t, numbersApp, ['2', '4', '6'])
  const { stdout } = await stigmergy(folder, ['explain', 'halves.pair', '--log', 'log.jsonl'])
  const lines = stdout.trimEnd().split('\n')
  t.is(lines[0], 'trigger halves.pair (by-batch-size)')
  t.regex(lines[1]!, / ms {2}object \S+ +held, awaits 1 more$/)
  t.regex(lines[2]!, / ms {2}object \S+ +fired \[\S+ \S+\]$/)
  t.regex(lines[3]!, / ms {2}object \S+ +held, awaits 1 more$/)
  t.regex(lines[4]!, / ms {2}flush +fired \[\S+\]$/)
})

test('a session is explained by all that happened in it, and by its triggers', async (t) => {
  const folder = await logged(t, variedApp, ['1'])
  const [, began = ''] = (await readFile(join(folder, 'log.jsonl'), 'utf8')).split('\n')
  const { session } = JSON.parse(began) as { session: string }
  const { stdout } = await stigmergy(folder, ['explain', session, '--log', 'log.jsonl'])
  t.true(stdout.startsWith(`session ${session}\n     0 ms  begins\n`), stdout)
  t.regex(stdout, /^ +\d+ ms {2}function begin starts$/m)
  t.regex(stdout, /^ +\d+ ms {2}parts\.done runs done with \[a\]$/m)
  t.regex(stdout, /^ +\d+ ms {2}ends, succeeded$/m)
  t.true(stdout.includes(`trigger items.done (dynamic-join), session ${session}\n`))
  t.false(stdout.includes('trigger numbers.batches'))
  const json = await stigmergy(folder, ['explain', session, '--log', 'log.jsonl', '--json'])
  for (const line of json.stdout.trimEnd().split('\n')) t.notThrows(() => JSON.parse(line) as unknown)
})

test('what is not in a log is told, and what stands before a line that cannot be read still counts', async (t) => {
  const folder = await logged(t, numbersApp, ['2'])
  const nobody = await stigmergy(folder, ['explain', 'nobody', '--log', 'log.jsonl'])
  t.is(nobody.code, 1)
  t.regex(
    nobody.stderr,
    /^STG_CONFIG_FILE: .*no trigger and no session "nobody"\. Its triggers are halves\.show, halves\.pair/,
  )
  await appendFile(join(folder, 'log.jsonl'), '{"type":')
  for (const args of [
    ['replay', 'log.jsonl'],
    ['explain', 'halves.pair', '--log', 'log.jsonl'],
  ]) {
    const { code, stdout, stderr } = await stigmergy(folder, args)
    t.is(code, 1)
    t.regex(stdout, /halves\.pair/)
    t.regex(stderr, /^STG_CONFIG_FILE: Line \d+ of log\.jsonl is no JSON: the log was cut off there\.$/m)
    t.false(stderr.includes('    at '), stderr)
  }
})

test('of many lines the last are kept, and the others counted', (t) => {
  const lines = new LastLines(2)
  for (const line of ['a', 'b', 'c']) lines.add(line)
  t.deepEqual(lines.all, ['  … 1 before these; --last shows more', 'b', 'c'])
})
