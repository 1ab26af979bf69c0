import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import test from 'ava'
import { errorCodes, StigmergyError } from 'stigmergy'
import { Desk } from '../../src/command/desk.js'
import { failureLines, tellFailure } from '../../src/command/failure.js'
import { perform } from '../../src/command/program.js'
import { remedies } from '../../src/command/remedies.js'

interface Told {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Performs a command in this process. */
async function performed(...args: readonly string[]): Promise<Told> {
  const { desk, told } = deskOf()
  const code = await perform(args, desk)
  return { code, ...(await told()) }
}

function deskOf(isTTY = false) {
  const results = new PassThrough()
  const remarks = Object.assign(new PassThrough(), { isTTY, columns: 20 })
  const desk = new Desk(results, remarks)
  const told = async () => {
    results.end()
    remarks.end()
    return { stdout: await text(results), stderr: await text(remarks) }
  }
  return { desk, told }
}

test('help and version are results, and the exit code is 0', async (t) => {
  const help = await performed('--help')
  t.is(help.code, 0)
  t.regex(help.stdout, /^Usage: stigmergy /)
  t.is(help.stderr, '')
  const { code, stdout } = await performed('--version')
  t.is(code, 0)
  t.regex(stdout, /^\d+\.\d+\.\d+\n$/)
})

test('every subcommand has a help, with the options that all of them have', async (t) => {
  const { stdout } = await performed('--help')
  const names = Array.from(stdout.matchAll(/^ {2}(\w+) \[options\]/gm), ([, name]) => name!)
  t.true(names.includes('run'))
  for (const name of names) {
    const help = await performed(name, '--help')
    t.is(help.code, 0, name)
    t.true(help.stdout.startsWith(`Usage: stigmergy ${name} `), help.stdout)
    t.regex(help.stdout, /--json/)
  }
})

test('a wrong call is told on stderr, and the exit code is 2', async (t) => {
  for (const args of [
    [],
    ['nothing'],
    ['run'],
    ['run', 'app.ts', '--unknown'],
    ['run', 'a.ts', '--workers', '0'],
  ]) {
    const { code, stdout, stderr } = await performed(...args)
    t.is(code, 2, args.join(' '))
    t.is(stdout, '')
    t.not(stderr, '')
  }
})

test('an error is told with its code and the remedy, and without a stack', async (t) => {
  const { code, stderr } = await performed('run', 'none.ts')
  t.is(code, 1)
  t.deepEqual(stderr.split('\n'), [
    'STG_CONFIG_MODULE: There is no file none.ts.',
    `  remedy: ${remedies.STG_CONFIG_MODULE}`,
    '',
  ])
})

test('with --json an error is one line of JSON', async (t) => {
  const { code, stderr } = await performed('run', 'none.ts', '--json')
  t.is(code, 1)
  const { error } = JSON.parse(stderr) as { error: Record<string, unknown> }
  t.is(error['code'], 'STG_CONFIG_MODULE')
  t.is(error['remedy'], remedies.STG_CONFIG_MODULE)
  t.deepEqual(error['details'], { path: 'none.ts' })
})

test('causes are told to those who ask, with the stacks of errors that have no code', (t) => {
  const bug = new RangeError('too far')
  const error = new StigmergyError('STG_FUNCTION_FAILED', 'f failed', { cause: bug })
  const short = failureLines(error, false)
  t.is(short.length, 3)
  t.is(short[2], '  --verbose shows the cause')
  const long = failureLines(error, true)
  t.true(long.includes('  caused by RangeError: too far'))
  t.true(long.some((line) => line.includes('frame.test.ts')))
})

test('of an error without a code the line is told that threw', (t) => {
  const [head, where] = failureLines(new Error('wrong'), false)
  t.is(head, 'Error: wrong')
  t.regex(where!, /frame\.test\.ts:\d+/)
})

test('what was thrown need not be an error, and causes may go round', async (t) => {
  const round = new Error('round')
  round.cause = round
  const { desk, told } = deskOf()
  tellFailure(desk, 'just a text')
  desk.verbose = true
  tellFailure(desk, round)
  const { stderr } = await told()
  t.true(stderr.startsWith('Error: just a text\n'))
  t.is(stderr.split('caused by').length - 1, 10)
})

test('progress is one line that changes on a terminal, and nothing elsewhere', async (t) => {
  for (const isTTY of [true, false]) {
    const { desk, told } = deskOf(isTTY)
    desk.progress('1 of 2')
    desk.tell('a remark')
    desk.progress('2 of 2, and then some more')
    await desk.flushed()
    const { stderr } = await told()
    const clear = '\r\u001B[2K'
    const onTerminal = `1 of 2${clear}a remark\n1 of 2${clear}2 of 2, and then so${clear}`
    t.is(stderr, isTTY ? onTerminal : 'a remark\n')
  }
})

test('a result is JSON where that is asked for, also what JSON has no word for', async (t) => {
  const { desk, told } = deskOf()
  await desk.result('as text', 1)
  desk.json = true
  await desk.result('as text', { big: 1n, map: new Map([['a', 1]]), set: new Set([2]) })
  t.is((await told()).stdout, 'as text\n{"big":"1","map":[["a",1]],"set":[2]}\n')
})

test('there is a remedy for every code', (t) => {
  t.deepEqual(Object.keys(remedies).sort(), Object.keys(errorCodes).sort())
})
