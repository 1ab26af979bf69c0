import test from 'ava'
import { byBatchSize, bySet, defineApp, dynamicJoin, immediate } from 'stigmergy'
import { gate, leftovers, nothing, ofType, turns, until, world } from './world.js'

/** A bucket with a join of the session, and a batch that holds one object at most. */
const app = defineApp('app', (app) => {
  const notes = app.bucket<unknown>('notes')
  const sealed = app.bucket<number>('sealed')
  notes.when(
    bySet({ keys: ['a', 'b'] }),
    app.fn<unknown>('join', () => undefined),
  )
  notes.when(
    byBatchSize({ count: 2 }),
    app.fn<unknown>('batch', () => undefined),
    { maxPending: 1 },
  )
  return { notes, sealed }
})
const { notes, sealed } = app.handles

test('a put that a trigger refuses leaves no session, and can be repeated', async (t) => {
  const here = await world(t, app)
  await here.runtime.put(notes, 'a', 1)
  await t.throwsAsync(here.runtime.put(notes, 'a', 1, { session: 's' }), { code: 'STG_TRIGGER_BUSY' })
  t.is(here.runtime.stats.sessions.live, 0)
  t.is(here.runtime.bucket('notes').trigger('join').partitions, 1)
  t.is(here.clock.armed, 0)
  t.is(here.runtime.explain({ session: 's' }).state, 'unknown')
  t.deepEqual(
    ofType(here, 'session-ended').map(({ session, outcome, error }) => [session, outcome, error?.code]),
    [['s', 'failed', 'STG_TRIGGER_BUSY']],
  )
  here.runtime.bucket('notes').trigger('batch').flush()
  await turns()
  t.is(await here.runtime.put(notes, 'a', 1, { session: 's' }), 'admitted')
})

test('a put into a sealed bucket leaves no session', async (t) => {
  const here = await world(t, app)
  here.runtime.bucket('sealed').seal()
  await t.throwsAsync(here.runtime.put(sealed, 'a', 1, { session: 's' }), { code: 'STG_BUCKET_SEALED' })
  t.deepEqual(leftovers(here), nothing)
})

test('a put with bad options leaves no session', async (t) => {
  const here = await world(t, app)
  for (const options of [{ et: Number.NaN }, { group: [] }, { role: '' }, { meta: 1 }] as const)
    await t.throwsAsync(here.runtime.put(notes, 'a', 1, { session: 's', ...options } as never), undefined)
  t.deepEqual(leftovers(here), nothing)
})

test('a put that finds no room in the store leaves no session, however long it has waited', async (t) => {
  const here = await world(t, app, { store: { limitBytes: 100, waitMs: 50 } })
  const ballast = await here.store.put('of somebody else', 90)
  const refused = here.runtime.put(notes, 'a', new Uint8Array(50), { session: 's' })
  const larger = here.runtime.put(notes, 'a', new Uint8Array(500), { session: 't' })
  await t.throwsAsync(larger, { code: 'STG_STORE_FULL' })
  t.is(here.runtime.stats.sessions.live, 1)
  here.clock.advance(50)
  await t.throwsAsync(refused, { code: 'STG_STORE_FULL' })
  here.store.release(ballast)
  t.deepEqual(leftovers(here), nothing)
})

test('a put while the queue is full leaves no session', async (t) => {
  const rest = gate()
  const app = defineApp('app', (app) => {
    const work = app.bucket<number>('work')
    work.when(
      immediate(),
      app.fn<number>('work', () => rest.passed),
    )
    return { work }
  })
  const here = await world(t, app, { limits: { slots: 1, maxQueued: 1, highWaterMark: 10 } })
  for (let n = 0; n < 2; n += 1) {
    await here.runtime.put(app.handles.work, undefined, n)
    await turns()
  }
  const live = here.runtime.stats.sessions.live
  const put = here.runtime.put(app.handles.work, 'a', 1, { session: 's' })
  await t.throwsAsync(put, { code: 'STG_WORKER_BUSY' })
  t.is(here.runtime.stats.sessions.live, live)
  rest.open()
  await until(() => here.runtime.stats.sessions.live === 0)
  t.deepEqual(leftovers(here), nothing)
})

test('a session that something else has been put into outlives a put that is refused', async (t) => {
  const here = await world(t, app, { limits: { sessionIdleMs: 100 } })
  t.is(await here.runtime.put(sealed, 'kept', 1, { session: 's' }), 'admitted')
  await here.runtime.put(notes, 'a', 1)
  await t.throwsAsync(here.runtime.put(notes, 'a', 1, { session: 's' }), { code: 'STG_TRIGGER_BUSY' })
  t.is(here.runtime.stats.sessions.live, 1)
})

test('a session that its caller has taken over meanwhile outlives a put that is refused', async (t) => {
  const here = await world(t, app, { store: { limitBytes: 100, waitMs: 50 } })
  const ballast = await here.store.put('of somebody else', 90)
  const refused = here.runtime.put(notes, 'a', new Uint8Array(50), { session: 's' })
  const session = here.runtime.session({ session: 's' })
  here.clock.advance(50)
  await t.throwsAsync(refused, { code: 'STG_STORE_FULL' })
  here.store.release(ballast)
  t.is(await session.put(sealed, 'a', 1), 'admitted')
  t.is((await session.end()).outcome, 'succeeded')
  t.deepEqual(leftovers(here), nothing)
})

test('a session whose triggers have been told something outlives a put that is refused', async (t) => {
  const told = defineApp('app', (app) => {
    const items = app.bucket<unknown>('items')
    items.when(
      dynamicJoin({ parallel: 'work' }),
      app.fn<unknown>('join', () => undefined),
    )
    app.fn<unknown>('work', () => undefined)
    return { items }
  })
  const here = await world(t, told, { store: { limitBytes: 100, waitMs: 50 }, limits: { sessionIdleMs: 20 } })
  const ballast = await here.store.put('of somebody else', 90)
  const refused = here.runtime.put(told.handles.items, 'a', new Uint8Array(50), { session: 's' })
  here.runtime.closed('items', { scope: 'items' }, { session: 's' })
  here.clock.advance(50)
  await t.throwsAsync(refused, { code: 'STG_STORE_FULL' })
  here.store.release(ballast)
  t.is(here.runtime.stats.firings, 1)
  t.is(here.runtime.stats.sessions.live, 1)
  await turns()
  here.clock.advance(20)
  await turns()
  t.deepEqual(leftovers(here), nothing)
})
