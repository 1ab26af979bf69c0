import test from 'ava'
import {
  byBatchSize,
  bySet,
  defineApp,
  type Fired,
  immediate,
  redundant,
  trigger,
  type TriggerSpec,
} from 'stigmergy'
import { PriorityBatch } from './primitives/priority-batch.js'
import { explains, gate, keys, ofType, oneTrigger, setting, settle, taking } from './setting.js'

// That two nodes share the batch and a clear is in flight waits for the cluster: here two functions put at the same time.
test('S4: two producers with three objects fill a batch of two once, and one object is left', async (t) => {
  const fired: Fired<string>[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<string>('events')
    const produce = app.fn<readonly string[]>('produce', async ({ value }, { put }) => {
      await Promise.all(value.map((key) => put(events, key, key)))
    })
    events.when(byBatchSize({ count: 2 }), taking(app, fired))
    return produce
  })
  const here = await setting(t, app)
  here.runtime.invoke(app.handles, ['a1', 'a2'])
  here.runtime.invoke(app.handles, ['b1'])
  await settle()
  t.deepEqual(
    fired.map(({ objects }) => objects.length),
    [2],
  )
  const { status } = explains(t, here, { awaiting: { count: 1 } })
  const seen = [...fired.flatMap(({ objects }) => keys(objects)), ...keys(status.held)]
  t.deepEqual(seen.sort(), ['a1', 'a2', 'b1'])
})

for (const how of ['end', 'cancel'] as const)
  test(`S5: the ${how} of a session leaves alone what another has put into a batch`, async (t) => {
    const { app, taken } = oneTrigger(byBatchSize({ count: 3 }))
    const here = await setting(t, app)
    const [one, two] = [here.runtime.session({ session: 's1' }), here.runtime.session({ session: 's2' })]
    await one.put(app.handles, 'a', 1)
    await two.put(app.handles, 'b', 2)
    if (how === 'cancel') one.cancel()
    else void one.end()
    await settle()
    explains(t, here, { held: ['a', 'b'], awaiting: { count: 1 } })
    await two.put(app.handles, 'c', 3)
    await settle()
    t.deepEqual(taken(), [['a', 'b', 'c']])
    explains(t, here, { held: [], last: 'fired' })
  })

test('S5: a batch that drops what was cancelled drops nothing else', async (t) => {
  const { app } = oneTrigger(byBatchSize({ count: 3 }), { dropCancelled: true })
  const here = await setting(t, app)
  const [one, two] = [here.runtime.session({ session: 's1' }), here.runtime.session({ session: 's2' })]
  await one.put(app.handles, 'a', 1)
  await two.put(app.handles, 'b', 2)
  one.cancel()
  await one.ended
  const { ledger } = explains(t, here, { held: ['b'], awaiting: { count: 2 } })
  t.deepEqual(ledger.disposed, { 'session-ended': 1 })
})

const wrong: Readonly<Record<string, () => TriggerSpec>> = {
  'k above n': () => redundant({ k: 4, n: 3 }),
  'k of 0': () => redundant({ k: 0, n: 3 }),
  'an empty set': () => bySet({ keys: [] }),
  'a count of -1': () => byBatchSize({ count: -1 }),
  'a primitive that nobody knows': () => ({ primitive: 'by-moon-phase', options: {} }),
}

for (const [what, spec] of Object.entries(wrong))
  test(`S7: ${what} is refused, and the runtime lives`, async (t) => {
    const { app, taken } = oneTrigger(byBatchSize({ count: 1 }))
    const here = await setting(t, app)
    const code = what.startsWith('a primitive') ? 'STG_PRIMITIVE_UNKNOWN' : 'STG_OPTIONS_INVALID'
    t.throws(() => here.runtime.bucket(app.handles).add(spec(), 'take', { name: 'wrong' }), { code })
    t.is(here.runtime.bucket(app.handles).triggers.length, 1)
    await t.throwsAsync(setting(t, oneTrigger(spec()).app), { code })
    await here.runtime.put(app.handles, 'a', 1)
    await settle()
    t.deepEqual(taken(), [['a']])
    explains(t, here, { last: 'fired' })
  })

test('S7: a second trigger of a name is refused, and so is the removal of one that is not there', async (t) => {
  const { app, taken } = oneTrigger(immediate())
  const here = await setting(t, app)
  const bucket = here.runtime.bucket(app.handles)
  t.throws(() => bucket.add(immediate(), 'take'), { code: 'STG_CONFIG_NAME' })
  await t.throwsAsync(async () => bucket.remove('other'), { code: 'STG_TRIGGER_UNKNOWN' })
  await here.runtime.put(app.handles, 'a', 1)
  await settle()
  t.deepEqual(taken(), [['a']])
})

test('S8: a key that is put twice counts once, and with other content it is a conflict', async (t) => {
  const { app, taken } = oneTrigger(byBatchSize({ count: 2 }))
  const here = await setting(t, app)
  const session = here.runtime.session({ session: 's' })
  t.is(await session.put(app.handles, 'a', 1), 'admitted')
  t.is(await session.put(app.handles, 'a', 1), 'duplicate')
  await t.throwsAsync(session.put(app.handles, 'a', 2), { code: 'STG_OBJECT_KEY_CONFLICT' })
  explains(t, here, { held: ['a'], awaiting: { count: 1 }, last: 'held' })
  await session.put(app.handles, 'b', 2)
  await settle()
  t.deepEqual(taken(), [['a', 'b']])
})

test('S22: a trigger that is added later sees what was there before, or not, as it says', async (t) => {
  const fired: Record<'earliest' | 'now', string[]> = { earliest: [], now: [] }
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    // Holds the objects, so that they are there for those who come later.
    events.when(byBatchSize({ count: 10 }), taking(app, []))
    for (const since of ['earliest', 'now'] as const)
      app.fn<number>(since, ({ objects }) => void fired[since].push(...keys(objects)))
    return events
  })
  const here = await setting(t, app)
  await here.runtime.put(app.handles, 'before', 1)
  for (const since of ['earliest', 'now'] as const)
    here.runtime.bucket(app.handles).add(immediate(), since, { since })
  await here.runtime.put(app.handles, 'after', 2)
  await settle()
  t.deepEqual(fired, { earliest: ['before', 'after'], now: ['after'] })
  explains(t, here, { held: [], last: 'fired' }, { trigger: 'events.earliest' })
})

for (const how of ['drain', 'discard'] as const)
  test(`S30: ${how} removes a trigger with objects, and they are accounted for`, async (t) => {
    const { app, taken } = oneTrigger(byBatchSize({ count: 3 }), { deadline: 100, onDeadline: 'partial' })
    const here = await setting(t, app)
    for (const key of ['a', 'b']) await here.runtime.put(app.handles, key, 1)
    const removed = here.runtime.bucket(app.handles).remove('take', how)
    await here.runtime.put(app.handles, 'c', 1)
    here.clock.advance(100)
    await removed
    await settle()
    t.deepEqual(taken(), how === 'drain' ? [['a', 'b']] : [])
    const gone = ofType(here, 'object-disposed').map(({ object, reason }) => [object.key, reason])
    t.deepEqual(
      gone,
      how === 'drain'
        ? []
        : [
            ['a', 'trigger-removed'],
            ['b', 'trigger-removed'],
          ],
    )
    t.deepEqual(here.runtime.bucket(app.handles).triggers, [])
  })

test('S30: a trigger that is changed keeps what it holds', async (t) => {
  const { app, taken } = oneTrigger(byBatchSize({ count: 3 }))
  const here = await setting(t, app)
  for (const key of ['a', 'b']) await here.runtime.put(app.handles, key, 1)
  const handle = here.runtime.bucket(app.handles).trigger('take')
  t.throws(() => handle.change(byBatchSize({ count: 0 })), { code: 'STG_OPTIONS_INVALID' })
  explains(t, here, { held: ['a', 'b'], awaiting: { count: 1 } })
  handle.change(byBatchSize({ count: 4 }))
  explains(t, here, { held: ['a', 'b'], awaiting: { count: 2 } })
  for (const key of ['c', 'd']) await here.runtime.put(app.handles, key, 1)
  await settle()
  t.deepEqual(taken(), [['a', 'b', 'c', 'd']])
  explains(t, here, { held: [], last: 'fired' })
})

test('S32: batches, priorities, one run at a time per key and idempotent puts do not get in each other’s way', async (t) => {
  const began: string[] = []
  const gates = [gate(), gate(), gate()]
  const app = defineApp('app', (app) => {
    const jobs = app.bucket<number>('events')
    const take = app.fn<number>('take', async ({ objects }) => {
      const { passed } = gates[began.push(keys(objects).join()) - 1] ?? gate()
      await passed
    })
    return jobs.when(trigger(PriorityBatch, { count: 2 }), take, {
      partitionBy: ({ key }) => key.slice(0, 1),
    })
  })
  const here = await setting(t, app, { primitives: [PriorityBatch] })
  const put = (key: string, priority: number) => here.runtime.put(app.handles, key, 1, { meta: { priority } })
  await put('x1', 0)
  t.is(await put('x1', 0), 'duplicate')
  await put('x2', 9)
  for (const key of ['x3', 'x4', 'y1', 'y2']) await put(key, 1)
  await settle()
  t.deepEqual(began, ['x2,x1', 'y1,y2'])
  gates[0]?.open()
  await settle()
  t.deepEqual(began, ['x2,x1', 'y1,y2', 'x3,x4'])
  for (const { open } of gates) open()
  for (const by of ['x', 'y']) explains(t, here, { held: [], awaiting: { count: 2 }, last: 'fired' }, { by })
})
