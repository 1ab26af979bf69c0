import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { StigmergyError, type RuntimeEvent } from 'stigmergy'
import { openLog, takeAll } from '../../src/command/log/read-log.js'

const head = { log: 'stigmergy', version: 1, app: 'app', triggers: [] }
const began = { type: 'session-began', at: 1, session: 's', parents: [] }

async function fileOf(t: ExecutionContext, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'stigmergy-log-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const path = join(folder, 'log.jsonl')
  await writeFile(path, text)
  return path
}

const lines = (...values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('')

/** Reads a log to its end or its first flaw. */
async function readAll(t: ExecutionContext, text: string) {
  const log = await openLog(await fileOf(t, text))
  const events: RuntimeEvent[] = []
  const flaw = await takeAll(log, (event) => void events.push(event))
  return { log, events, flaw }
}

test('the events of a log are read in order, whether or not the last line ends', async (t) => {
  const text = lines(head, began, { ...began, at: 2 })
  for (const each of [text, text.trimEnd()]) {
    const { log, events, flaw } = await readAll(t, each)
    t.deepEqual(log.head, head as unknown)
    t.deepEqual(
      events.map(({ at }) => at),
      [1, 2],
    )
    t.is(flaw, undefined)
  }
})

test('lines are the same however the file is cut into chunks, and whatever characters they have', async (t) => {
  const session = 'ü🜁'.repeat(60_000)
  const { events } = await readAll(t, lines(head, { ...began, session }, began))
  t.deepEqual(
    events.map((event) => event.session),
    [session, 's'],
  )
})

test('events of later versions, which nobody knows, are read over', async (t) => {
  const { events, flaw } = await readAll(t, lines(head, { type: 'moon-rose', at: 1, session: '' }, began))
  t.is(events.length, 2)
  t.is(flaw, undefined)
})

const object = { bucket: 'b', session: 's', key: 'k', seq: 1, bytes: 1 }
const stepped = { type: 'trigger-stepped', at: 1, session: 's', trigger: 'b.f', partition: { session: 's' } }
const flaws: readonly (readonly [string, string, RegExp])[] = [
  ['a value', '1\n', /it is no event, but another value/],
  ['a list', '[]\n', /it is no event, but another value/],
  ['an empty line', '\n', /is no JSON: it is no event/],
  ['an event without a time', lines({ ...began, at: 'noon' }), /for its at is not a number/],
  ['an event without a type', lines({ ...began, type: 7 }), /for its type is not a text/],
  ['an event that lacks a field', lines({ ...began, parents: 's' }), /its parents is not a list of sessions/],
  ['an unknown step', lines({ ...stepped, step: { kind: 'dance', at: 1 } }), /its step is not a step/],
  ['a step of no object', lines({ ...stepped, step: { kind: 'object', at: 1 } }), /its step is not a step/],
  [
    'a partition of another shape',
    lines({ ...stepped, partition: [], step: { kind: 'flush', at: 1 } }),
    /its partition is not the name of a partition/,
  ],
  [
    'an object that is no address',
    lines({ ...began, type: 'object-put', object: { ...object, seq: '1' } }),
    /its object is not the address of a stored object/,
  ],
  ['half a line', '{"type":"session-', /is no JSON: the log was cut off there/],
  ['a text', 'hello\n', /is no JSON: it is no event/],
]

for (const [what, text, message] of flaws)
  test(`${what} in a log is told with its line, and what stands before it is read`, async (t) => {
    const { events, flaw } = await readAll(t, lines(head, began) + text)
    t.is(events.length, 1)
    t.is(flaw?.code, 'STG_CONFIG_FILE')
    t.regex(flaw?.message ?? '', /^Line 3 of .*log\.jsonl is /)
    t.regex(flaw?.message ?? '', message)
    t.is(flaw?.details['line'], 3)
  })

const foreign: readonly (readonly [string, string, RegExp])[] = [
  ['an empty file', '', /the file is empty/],
  ['a text', 'hello\n', /is no JSON: a log begins with what stigmergy run --log writes first/],
  ['a cut head', '{"log":"stigm', /is no JSON: the log was cut off there/],
  ['JSON of something else', lines({ name: 'x' }), /and this file does not/],
  ['a list', '[1]\n', /and this file does not/],
  ['a log of a later version', lines({ ...head, version: 2 }), /this one has version 2/],
  ['a head without triggers', lines({ ...head, triggers: {} }), /its triggers is not a list of triggers/],
  ['a trigger without a name', lines({ ...head, triggers: [{}] }), /its triggers is not a list of triggers/],
]

for (const [what, text, message] of foreign)
  test(`${what} is no log`, async (t) => {
    const path = await fileOf(t, text)
    const error = await t.throwsAsync(openLog(path), { instanceOf: StigmergyError, message })
    t.is(error.code, 'STG_CONFIG_FILE')
    t.is(error.details['line'], 1)
  })

test('a file that is missing, or a folder, cannot be read', async (t) => {
  const path = await fileOf(t, '')
  for (const each of [`${path}.none`, join(path, '..')]) {
    const error = await t.throwsAsync(openLog(each), { message: /^The log .* cannot be read: / })
    t.true(StigmergyError.is(error, 'STG_CONFIG_FILE'))
  }
})

test('a line without an end is given up before it fills the memory', async (t) => {
  const path = await fileOf(t, ' '.repeat(200_000))
  await t.throwsAsync(openLog(path, 100_000), {
    message: /^Line 1 of .* has no end: this is no event log\.$/,
  })
})
