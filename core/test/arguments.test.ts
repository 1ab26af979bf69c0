import test from 'ava'
import {
  byBatchSize,
  defineApp,
  defineRuntime,
  immediate,
  MemoryObjectStore,
  provideNew,
  start,
  StigmergyError,
  Tokens,
} from 'stigmergy'
import { world } from './world.js'

const app = defineApp('app', (app) => {
  const events = app.bucket<number>('events')
  const take = app.fn<number>('take', () => undefined)
  events.when(byBatchSize({ count: 9 }), take)
  return { events, take }
})

/** What no text, object, function or signal is. */
const wrong = [null, 0, -1, Number.NaN, '', 'nope', {}, [], true, Symbol('x'), { extra: 1 }] as never[]

/** The error says what is wrong: a code, or a `TypeError` of ours, with the name of the field. */
async function refused(call: () => unknown): Promise<string> {
  try {
    await call()
  } catch (error) {
    if (StigmergyError.is(error) || (error instanceof TypeError && /must be/.test(error.message)))
      return error.message
    throw error
  }
  return 'accepted'
}

test('calls of a runtime refuse wrong options, and name the field', async (t) => {
  const { runtime } = await world(t, app)
  const { events } = app.handles
  const fact = { scope: 'items' } as const
  const isText = (value: unknown): boolean => typeof value === 'string'
  const isNothing = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && Object.keys(value).length === 0
  const never = (): boolean => false
  const calls: readonly [string, (value: never) => unknown, (value: unknown) => boolean][] = [
    ['closed', (value) => runtime.closed(events, fact, value), isNothing],
    ['session', (value) => runtime.closed(events, fact, { session: value }), isText],
    ['watermark', (value) => runtime.watermark(events, 1, value), isNothing],
    ['session', (value) => runtime.watermark(events, 1, { session: value }), isText],
    ['session', (value) => runtime.explain({ session: value }), isText],
    ['by', (value) => runtime.explain({ trigger: 'events.take', by: value }), isText],
    ['signal', (value) => runtime.events(value), never],
    ['how', (value) => runtime.bucket('events').remove('take', value), never],
    ['how', (value) => runtime.bucket('events').delete(value), never],
    ['et', (value) => runtime.put(events, undefined, 1, { et: value }), Number.isFinite],
    ['bucket|name', (value) => runtime.createBucket(`b ${Math.random()}`, value), isNothing],
  ]
  for (const [field, call, isRight] of calls)
    for (const value of wrong.filter((each) => !isRight(each)))
      t.regex(await refused(() => call(value)), new RegExp(`${field}|session`), `${field} ${String(value)}`)
})

test('what a runtime is started with is checked before anything starts', async (t) => {
  const definition = defineRuntime()
  for (const value of wrong) {
    const shown = String(value)
    t.regex(await refused(() => start(value, app)), /definition must be/, shown)
    t.regex(await refused(() => start(definition, app, { signal: value })), /signal must be/, shown)
    t.regex(await refused(() => new MemoryObjectStore({ clock: value })), /clock must be/, shown)
    t.regex(
      await refused(() => defineRuntime({ provide: [provideNew(Tokens.Clock, value)] })),
      /provide must be/,
      shown,
    )
  }
  for (const value of [null, 0, true, 'nope'] as never[]) {
    t.regex(await refused(() => start(definition, app, value)), /must be/, String(value))
    t.regex(await refused(() => defineRuntime(value)), /must be/, String(value))
    t.regex(await refused(() => new MemoryObjectStore(value)), /options must be/, String(value))
  }
  const misnamed = defineApp('misnamed', (app) => {
    const events = app.bucket('events')
    events.when(
      immediate(),
      app.fn('take', () => undefined),
      { name: Symbol('x') as never },
    )
  })
  t.regex(await refused(() => start(definition, misnamed)), /name must be/)
})
