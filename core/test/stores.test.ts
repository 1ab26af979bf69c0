import test from 'ava'
import {
  byBatchSize,
  defineApp,
  immediate,
  MemoryObjectStore,
  provide,
  type StoreHandle,
  StigmergyError,
  Tokens,
} from 'stigmergy'
import { gate, leftovers, nothing, ofType, turns, until, world, type World } from './world.js'

function discardLetters({ runtime }: World): void {
  for (const { id } of runtime.deadLetters.list()) runtime.deadLetters.discard(id)
}

function blobs() {
  return defineApp('app', (app) => {
    const blobs = app.bucket<Uint8Array>('blobs')
    blobs.when(
      byBatchSize({ count: 100 }),
      app.fn<Uint8Array>('take', () => undefined),
    )
    return { blobs }
  })
}

const limits = { limitBytes: 100, waitMs: 500 }

test('a put waits while the store has no room, and goes on when there is some', async (t) => {
  const app = blobs()
  const here = await world(t, app, { store: limits })
  await here.runtime.put(app.handles.blobs, 'a', new Uint8Array(60))
  const waiting = here.runtime.put(app.handles.blobs, 'b', new Uint8Array(60))
  t.is(here.store.usage.waiting, 1)
  here.runtime.bucket('blobs').trigger('take').flush()
  t.is(await waiting, 'admitted')
  t.is(here.runtime.bucket('blobs').trigger('take').ledger.pending, 1)
})

test('a put that has waited too long is refused, and leaves nothing', async (t) => {
  const app = blobs()
  const here = await world(t, app, { store: limits })
  await here.runtime.put(app.handles.blobs, 'a', new Uint8Array(60))
  const waiting = here.runtime.put(app.handles.blobs, 'b', new Uint8Array(60))
  here.clock.advance(500)
  const error = await t.throwsAsync(waiting, { code: 'STG_STORE_FULL' })
  t.true(StigmergyError.is(error) && error.retryable)
  t.is(here.store.usage.objects, 1)
  here.runtime.bucket('blobs').trigger('take').flush()
  await turns()
  t.is(await here.runtime.put(app.handles.blobs, 'b', new Uint8Array(60)), 'admitted')
})

test('a value that is larger than the store is refused at once', async (t) => {
  const app = blobs()
  const here = await world(t, app, { store: limits })
  await t.throwsAsync(here.runtime.put(app.handles.blobs, 'a', new Uint8Array(101)), {
    code: 'STG_STORE_FULL',
  })
  t.is(here.store.usage.objects, 0)
})

test('a session does not end while one of its puts waits for room', async (t) => {
  const app = blobs()
  const here = await world(t, app, { store: limits })
  const { blobs: bucket } = app.handles
  await here.runtime.put(bucket, 'full', new Uint8Array(60))
  const session = here.runtime.session()
  const waiting = session.put(bucket, 'b', new Uint8Array(60))
  const ended = session.end()
  await turns()
  t.is(here.runtime.stats.sessions.live, 1)
  here.runtime.bucket('blobs').trigger('take').flush()
  t.is(await waiting, 'admitted')
  t.deepEqual(await ended, { outcome: 'succeeded' })
  here.runtime.bucket('blobs').trigger('take').flush()
  await until(() => here.store.usage.objects === 0)
  t.deepEqual(leftovers(here), nothing)
})

test('of two puts of one key that wait for room, one is admitted and the other is a duplicate or a conflict', async (t) => {
  const app = blobs()
  const here = await world(t, app, { store: { limitBytes: 150, waitMs: 500 } })
  const { blobs: bucket } = app.handles
  await here.runtime.put(bucket, 'full', new Uint8Array(120))
  const session = here.runtime.session()
  const same = [1, 1, 2].map((fill) => session.put(bucket, 'k', new Uint8Array(40).fill(fill)))
  t.is(here.store.usage.waiting, 3)
  here.runtime.bucket('blobs').trigger('take').flush()
  const [first, second, third] = await Promise.allSettled(same)
  t.like(first, { status: 'fulfilled', value: 'admitted' })
  t.like(second, { status: 'fulfilled', value: 'duplicate' })
  t.like(third, { status: 'rejected', reason: { code: 'STG_OBJECT_KEY_CONFLICT' } })
  t.is(here.store.usage.objects, 1)
  await session.end()
  here.runtime.bucket('blobs').trigger('take').flush()
  await until(() => here.store.usage.objects === 0)
})

test('a put that finds its trigger full when it has found room leaves nothing', async (t) => {
  const app = defineApp('app', (app) => {
    const blobs = app.bucket<Uint8Array>('blobs')
    const spare = app.bucket<Uint8Array>('spare')
    blobs.when(
      byBatchSize({ count: 100 }),
      app.fn<Uint8Array>('take', () => undefined),
      { maxPending: 1 },
    )
    spare.when(
      byBatchSize({ count: 100 }),
      app.fn<Uint8Array>('spare', () => undefined),
    )
    return { blobs, spare }
  })
  const here = await world(t, app, { store: limits })
  await here.runtime.put(app.handles.blobs, 'a', new Uint8Array(30))
  await here.runtime.put(app.handles.spare, 'b', new Uint8Array(60))
  const waiting = here.runtime.put(app.handles.blobs, 'c', new Uint8Array(60))
  here.runtime.bucket('spare').trigger('spare').flush()
  await t.throwsAsync(waiting, { code: 'STG_TRIGGER_BUSY' })
  t.is(here.store.usage.objects, 1)
})

test('a put that waits for room is refused when its bucket is sealed meanwhile, and late when its session ends', async (t) => {
  const app = blobs()
  const here = await world(t, app, { store: { limitBytes: 100, waitMs: 60_000 } })
  const { blobs: bucket } = app.handles
  await here.runtime.put(bucket, 'full', new Uint8Array(60))
  const session = here.runtime.session()
  const late = session.put(bucket, 'late', new Uint8Array(60))
  const refused = here.runtime.put(bucket, 'refused', new Uint8Array(60))
  session.cancel()
  here.runtime.bucket('blobs').trigger('take').flush()
  t.is(await late, 'late')
  here.runtime.bucket('blobs').seal()
  discardLetters(here)
  await t.throwsAsync(refused, { code: 'STG_BUCKET_SEALED' })
  t.is(here.store.usage.objects, 0)
})

test('puts that wait for room are refused when the runtime closes', async (t) => {
  const app = blobs()
  const here = await world(t, app, { store: limits })
  await here.runtime.put(app.handles.blobs, 'full', new Uint8Array(60))
  const waiting = here.runtime.put(app.handles.blobs, 'b', new Uint8Array(60))
  void here.runtime.close({ now: true })
  await t.throwsAsync(waiting, { code: 'STG_CLOSED' })
  t.is(here.store.usage.objects, 0)
})

test('a request that waits for room is run when there is some, and fails its session when there is none', async (t) => {
  const rest = gate()
  const ran: number[] = []
  const app = defineApp('app', (app) => ({
    hold: app.fn<Uint8Array>('hold', () => rest.passed),
    run: app.fn<Uint8Array>('run', ({ value }) => void ran.push(value.length)),
  }))
  const here = await world(t, app, { store: limits })
  const holding = here.runtime.invoke(app.handles.hold, new Uint8Array(60))
  const late = here.runtime.invoke(app.handles.run, new Uint8Array(61))
  await turns()
  here.clock.advance(500)
  t.true(StigmergyError.is((await late.ended).error, 'STG_STORE_FULL'))
  const patient = here.runtime.invoke(app.handles.run, new Uint8Array(62))
  const cancelled = here.runtime.invoke(app.handles.run, new Uint8Array(63))
  cancelled.cancel()
  rest.open()
  t.is((await holding.ended).outcome, 'succeeded')
  t.is((await patient.ended).outcome, 'succeeded')
  t.is((await cancelled.ended).outcome, 'cancelled')
  t.deepEqual(ran, [62])
  await until(() => here.store.usage.objects === 0)
  t.deepEqual(leftovers(here), nothing)
})

/** A store whose methods fail when a test says so. */
class FragileStore extends MemoryObjectStore {
  fails: 'put' | 'put later' | 'read' | 'release' | undefined

  override put(value: unknown, bytes: number): StoreHandle | Promise<StoreHandle> {
    if (this.fails === 'put') throw new Error('put broke')
    if (this.fails === 'put later') return Promise.reject(new Error('put broke later'))
    return super.put(value, bytes)
  }

  override read(handle: StoreHandle): unknown {
    if (this.fails === 'read') throw new Error('read broke')
    return super.read(handle)
  }

  override release(handle: StoreHandle): void {
    super.release(handle)
    if (this.fails === 'release') throw new Error('release broke')
  }
}

for (const fails of ['put', 'put later', 'read', 'release'] as const)
  test(`a store that fails to ${fails} harms only those who need it`, async (t) => {
    const store = new FragileStore()
    const app = defineApp('app', (app) => {
      const notes = app.bucket<number>('notes')
      notes.when(
        immediate(),
        app.fn<number>('read', ({ value }) => void value),
      )
      return {
        notes,
        put: app.fn<string>('put', ({ objects }, { put }) => void put(notes, objects[0]?.key, 1)),
      }
    })
    const here = await world(t, app, { provide: [provide(Tokens.ObjectStore, store)] })
    const running = here.runtime.invoke(app.handles.put, 'before')
    store.fails = fails
    const outcomes = [
      (await running.ended).outcome,
      (await here.runtime.invoke(app.handles.put, 'x').ended).outcome,
    ]
    t.deepEqual(outcomes, fails === 'release' ? ['succeeded', 'succeeded'] : ['failed', 'failed'])
    if (fails.startsWith('put'))
      await t.throwsAsync(here.runtime.put(app.handles.notes, 'k', 1), { message: /put broke/ })
    store.fails = undefined
    t.is((await here.runtime.invoke(app.handles.put, 'after').ended).outcome, 'succeeded')
    discardLetters(here)
    t.is(store.usage.objects, 0)
    t.is(here.runtime.stats.sessions.live, 0)
    t.is(ofType(here, 'session-ended').length, 3)
  })
