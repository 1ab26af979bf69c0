import test from 'ava'
import { byBatchSize, bySet, defineApp, immediate, StigmergyError } from 'stigmergy'
import {
  beginning,
  explains,
  gate,
  ofType,
  oneTrigger,
  pass,
  type Setting,
  setting,
  settle,
} from './setting.js'

type Produce = (attempt: number, put: (key: string) => Promise<unknown>) => Promise<void>

/** A join of `left` and `right` that awaits `left` of a supervised producer: 100 ms, then a pause of 50 ms that doubles. */
function supervised(produce: Produce, maxAttempts = 3) {
  return defineApp('app', (app) => {
    const events = app.bucket<string>('events')
    const source = app.fn('produce', (_fired, { put, attempt }) =>
      produce(attempt, (key) => put(events, key, `${key} ${attempt}`)),
    )
    const take = app.fn<string, string>('take', ({ objects }, { reply }) =>
      reply(objects.map(({ value }) => value).join()),
    )
    events.when(bySet({ keys: ['left', 'right'] }), take, {
      expect: [{ source, key: 'left', timeoutMs: 100, backoffMs: 50, maxAttempts }],
    })
    return { events, source }
  })
}

function attemptsOf(here: Setting): readonly number[] {
  return ofType(here, 'function-started').flatMap(({ fn, at }) => (fn === 'produce' ? [at - beginning] : []))
}

const never = new Promise<void>(() => undefined)

test('S12: an object that nobody awaits does not stop a re-run that is pending', async (t) => {
  const app = supervised(async (attempt, put) => {
    await put(attempt === 1 ? 'unrelated' : 'left')
    if (attempt === 1) await never
  })
  const here = await setting(t, app)
  const session = here.runtime.invoke(app.handles.source, 1)
  await here.runtime.put(app.handles.events, 'right', 'right', { session: session.id })
  await settle()
  explains(t, here, { held: ['right'], awaiting: { keys: ['left'] } }, { session: session.id })
  await pass(here, 150)
  t.is(await session.result, 'left 2,right')
  t.deepEqual(attemptsOf(here), [0, 150])
  t.deepEqual(await session.ended, { outcome: 'succeeded' })
})

test('S13: a producer that hangs for ever runs as often as is said, with pauses, and then the join is impossible', async (t) => {
  const app = supervised(() => never)
  const here = await setting(t, app)
  const session = here.runtime.invoke(app.handles.source, 1)
  await pass(here, 1_000)
  const { outcome, error } = await session.ended
  t.is(outcome, 'failed')
  t.true(StigmergyError.is(error, 'STG_RERUN_EXHAUSTED'))
  t.deepEqual(attemptsOf(here), [0, 150, 350])
  const [unsatisfied] = ofType(here, 'trigger-unsatisfied')
  t.true(unsatisfied?.report.missing?.includes('left'))
  const { steps } = explains(t, here, { phase: 'over', held: [] }, { session: session.id })
  t.deepEqual(steps.at(-1)?.unsatisfied?.reason, 'missing')
})

// S14, that the node which ran the producer dies, waits for the cluster; that somebody else than the producer asks for the next run
// is the same in one process.
test('S14: a producer that dies without a word is run again', async (t) => {
  const app = supervised(async (attempt, put) => {
    if (attempt === 1) throw new Error('died')
    await put('left')
  })
  const here = await setting(t, app)
  const session = here.runtime.invoke(app.handles.source, 1)
  await here.runtime.put(app.handles.events, 'right', 'right', { session: session.id })
  await pass(here, 50)
  t.is(await session.result, 'left 2,right')
  t.deepEqual(attemptsOf(here), [0, 50])
})

test('S15: of a slow attempt and the one after it the first object counts, and the loser hears of it', async (t) => {
  const slow = gate()
  const rest = gate()
  const outcomes: string[] = []
  const app = supervised(async (attempt, put) => {
    if (attempt === 1) await slow.passed
    try {
      outcomes.push(`${attempt} ${String(await put('left'))}`)
    } catch (error) {
      outcomes.push(`${attempt} ${StigmergyError.is(error) ? error.code : String(error)}`)
    }
    // The winner goes on: when it has ended, other attempts are given up and may not put at all.
    if (attempt === 2) await rest.passed
  })
  const here = await setting(t, app)
  const session = here.runtime.invoke(app.handles.source, 1)
  await pass(here, 150)
  explains(t, here, { held: ['left'], awaiting: { keys: ['right'] } }, { session: session.id })
  slow.open()
  await settle()
  t.deepEqual(
    ofType(here, 'object-put').flatMap(({ object }) =>
      object.key === 'left' ? [object.producer.attempt] : [],
    ),
    [2],
  )
  await settle()
  t.deepEqual(outcomes, ['2 admitted', '1 duplicate'])
  rest.open()
})

test('S19: a firing that finds no free worker runs later, under the id that it was committed with', async (t) => {
  const busy = gate()
  const ran: string[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      byBatchSize({ count: 2 }),
      app.fn<number>('take', ({ id }) => void ran.push(id)),
    )
    return { events, hog: app.fn('hog', () => busy.passed) }
  })
  const here = await setting(t, app, { limits: { slots: 1 } })
  here.runtime.invoke(app.handles.hog, 1)
  await settle()
  for (const key of ['a', 'b']) await here.runtime.put(app.handles.events, key, 1)
  await settle()
  t.deepEqual(ran, [])
  explains(t, here, { held: [], last: 'fired' })
  busy.open()
  await settle()
  t.deepEqual(
    ran,
    ofType(here, 'trigger-fired').map(({ firing }) => firing),
  )
  t.is(ran.length, 1)
})

test('S21: two producers that put 10,000 times in one millisecond lose nothing and double nothing', async (t) => {
  const seen: string[] = []
  const ids = new Set<string>()
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    const produce = app.fn<string>('produce', async ({ value }, { put }) => {
      for (let count = 0; count < 10_000; count += 1) await put(events, `${value}${count}`, count)
    })
    events.when(
      byBatchSize({ count: 2 }),
      app.fn<number>('take', ({ id, objects }) => {
        ids.add(id)
        for (const { key } of objects) seen.push(key)
      }),
    )
    return produce
  })
  const here = await setting(t, app)
  const sessions = ['x', 'y'].map((name) => here.runtime.invoke(app.handles, name))
  await Promise.all(sessions.map(({ ended }) => ended))
  await settle()
  t.is(here.clock.now(), beginning)
  t.deepEqual([seen.length, new Set(seen).size, ids.size], [20_000, 20_000, 10_000])
  const { ledger } = explains(t, here, { held: [], last: 'fired' })
  t.is(ledger.fired, 20_000)
})

for (const name of ['a|b', 'a:b', 'a\0b', '😀', 'é'.repeat(256)])
  test(`S17: the name ${JSON.stringify(name.slice(0, 4))} of ${Buffer.byteLength(name)} bytes comes back as it went`, async (t) => {
    const { app, fired } = oneTrigger<unknown>(immediate(), {
      scope: 'session',
      partitionBy: ({ key }) => key,
    })
    const here = await setting(t, app)
    const value = { [name]: name, bytes: new Uint8Array([0, 58, 124, 255]), none: null }
    t.is(
      await here.runtime.put(app.handles, name, value, { session: name, group: name, producer: name }),
      'admitted',
    )
    await settle()
    const [object] = fired[0]?.objects ?? []
    t.like(object, { key: name, session: name, group: name })
    t.is(object?.producer.name, name)
    t.deepEqual(object?.value, value)
    explains(t, here, { last: 'fired' }, { session: name, by: name })
  })

test('S17: a name of 513 bytes is refused', async (t) => {
  const { app } = oneTrigger(immediate())
  const here = await setting(t, app)
  await t.throwsAsync(here.runtime.put(app.handles, 'x'.repeat(513), 1), { code: 'STG_OBJECT_KEY_INVALID' })
})
