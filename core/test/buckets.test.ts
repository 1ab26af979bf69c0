import test from 'ava'
import {
  type BucketHandle,
  byBatchSize,
  bySet,
  byTime,
  defineApp,
  type FunctionHandle,
  immediate,
  type RunningBucket,
  type RunningTrigger,
} from 'stigmergy'
import { gate, leftovers, nothing, turns, until, world } from './world.js'

/** An app with a bucket of numbers, and a function that remembers the batches it gets. */
function batches(count = 3) {
  const seen: (readonly number[])[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    const batch = app.fn<number>('batch', ({ objects }) => void seen.push(objects.map(({ value }) => value)))
    const spare = app.fn<number>('spare', ({ objects }) => void seen.push(objects.map(({ value }) => value)))
    if (count > 0) events.when(byBatchSize({ count }), batch)
    return { events, batch, spare }
  })
  return { app, seen }
}

function balances({ ledger }: RunningTrigger): boolean {
  const disposed = Object.values(ledger.disposed).reduce((sum, count) => sum + count, 0)
  return ledger.admitted === ledger.fired + disposed + ledger.pending
}

test('a sealed bucket takes no more objects, and what it holds stays', async (t) => {
  const { app, seen } = batches()
  const { runtime } = await world(t, app)
  const bucket = runtime.bucket(app.handles.events)
  await runtime.put(app.handles.events, 'a', 1)
  t.is(bucket.state, 'open')
  bucket.seal()
  t.is(bucket.state, 'sealed')
  await t.throwsAsync(runtime.put(app.handles.events, 'b', 2), { code: 'STG_BUCKET_SEALED' })
  t.is(bucket.trigger('batch').ledger.pending, 1)
  bucket.trigger('batch').flush()
  await turns()
  t.deepEqual(seen, [[1]])
})

test('a bucket that is drained fires what it holds, and is sealed when nothing is left', async (t) => {
  const rest = gate()
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      byBatchSize({ count: 3 }),
      app.fn<number>('batch', () => rest.passed),
    )
    return { events }
  })
  const here = await world(t, app)
  const bucket = here.runtime.bucket('events')
  await here.runtime.put(app.handles.events, 'a', 1)
  let drained = false
  const draining = bucket.drain().then(() => (drained = true))
  t.is(bucket.state, 'draining')
  await turns()
  t.false(drained)
  rest.open()
  await draining
  t.is(bucket.state, 'sealed')
  t.deepEqual(leftovers(here), nothing)
})

test('a session that is cancelled while its bucket drains does not hold up the draining', async (t) => {
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      bySet({ keys: ['left', 'right'] }),
      app.fn<number>('join', () => undefined),
    )
    return { events }
  })
  const here = await world(t, app)
  const session = here.runtime.session()
  await session.put(app.handles.events, 'left', 1)
  const draining = here.runtime.bucket('events').drain()
  await turns()
  session.cancel()
  await draining
  t.deepEqual(leftovers(here), nothing)
})

test('a bucket that is deleted while it drains is deleted, and the draining ends', async (t) => {
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      bySet({ keys: ['left', 'right'] }),
      app.fn<number>('join', () => undefined),
      { scope: 'bucket' },
    )
    return { events }
  })
  const here = await world(t, app)
  await here.runtime.put(app.handles.events, 'left', 1)
  const bucket = here.runtime.bucket('events')
  const draining = bucket.drain()
  await turns()
  bucket.delete('discard')
  await draining
  t.is(bucket.state, 'deleted')
  t.throws(() => here.runtime.bucket('events'), { code: 'STG_BUCKET_UNKNOWN' })
  t.deepEqual(leftovers(here), nothing)
})

test('a bucket with pending objects is deleted only when that is said', async (t) => {
  const { app } = batches()
  const here = await world(t, app)
  const bucket = here.runtime.bucket('events')
  await here.runtime.put(app.handles.events, 'a', 1)
  t.throws(() => bucket.delete(), { code: 'STG_BUCKET_PENDING', message: /events\.batch holds 1/ })
  bucket.delete('discard')
  t.is(bucket.state, 'deleted')
  await t.throwsAsync(here.runtime.put(app.handles.events, 'b', 2), { code: 'STG_BUCKET_UNKNOWN' })
  await t.throwsAsync(bucket.drain(), { code: 'STG_BUCKET_SEALED' })
  t.throws(() => bucket.add(immediate(), app.handles.batch), { code: 'STG_BUCKET_SEALED' })
  t.deepEqual(leftovers(here), nothing)
})

test('a bucket can be made while the app runs, deleted, and made again without repeating firings', async (t) => {
  const ids: string[] = []
  const app = defineApp('app', (app) => ({
    batch: app.fn<number>('batch', ({ id }) => void ids.push(id)),
  }))
  const here = await world(t, app)
  for (const life of [1, 2]) {
    const events: BucketHandle<number> = here.runtime.createBucket('events')
    here.runtime.bucket(events).add(byBatchSize({ count: 2 }), app.handles.batch)
    await here.runtime.put(events, `a${life}`, 1)
    await here.runtime.put(events, `b${life}`, 2)
    await until(() => ids.length === life)
    here.runtime.bucket(events).delete()
  }
  t.is(new Set(ids).size, 2)
  t.deepEqual(leftovers(here), nothing)
})

test('a bucket cannot be made with a name that is taken or options that are wrong', async (t) => {
  const { app } = batches()
  const { runtime } = await world(t, app)
  t.throws(() => runtime.createBucket('events'), { code: 'STG_CONFIG_NAME' })
  t.throws(() => runtime.createBucket(''), { code: 'STG_CONFIG_NAME' })
  t.throws(() => runtime.createBucket('x', { multi: 1 } as object), {
    code: 'STG_CONFIG_INVALID',
    message: /multi/,
  })
  t.throws(() => runtime.createBucket('x', { colour: 1 } as object), {
    code: 'STG_CONFIG_INVALID',
    message: /colour/,
  })
  t.throws(() => runtime.createBucket('x', { app: 'other' }), { code: 'STG_CONFIG_NAME', message: /other/ })
})

for (const [since, expected] of [
  [undefined, [4, 5]],
  ['now', [4, 5]],
  ['earliest', [1, 2, 3, 4, 5]],
  [{ seq: 2 }, [3, 4, 5]],
  [{ time: 2_000 }, [2, 3, 4, 5]],
] as const)
  test(`a trigger that is added sees objects since ${JSON.stringify(since) ?? 'the default'}`, async (t) => {
    const { app, seen } = batches(10)
    const here = await world(t, app)
    const session = here.runtime.session()
    const put = (value: number) => session.put(app.handles.events, `k${value}`, value)
    await put(1)
    here.clock.advance(1_000)
    await put(2)
    await put(3)
    here.runtime.bucket('events').add(immediate(), app.handles.spare, since === undefined ? {} : { since })
    await put(4)
    await put(5)
    await turns()
    t.deepEqual(seen.flat(), expected)
  })

test('a trigger that is added for the earliest sees objects without a session that others still hold', async (t) => {
  const { app, seen } = batches(10)
  const here = await world(t, app)
  for (const value of [1, 2]) await here.runtime.put(app.handles.events, undefined, value)
  here.runtime.bucket('events').add(byBatchSize({ count: 2 }), app.handles.spare, { since: 'earliest' })
  await turns()
  t.deepEqual(seen, [[1, 2]])
  here.runtime.bucket('events').trigger('batch').flush()
  await turns()
  t.deepEqual(seen, [
    [1, 2],
    [1, 2],
  ])
  t.deepEqual(leftovers(here), nothing)
})

test('a trigger that is added sees only objects of its own app', async (t) => {
  const seen: number[] = []
  const appOf = (name: string) =>
    defineApp(name, (app) => ({
      events: app.bucket<number>('events'),
      read: app.fn<number>('read', ({ value }) => void seen.push(value)),
    }))
  const [one, two] = [appOf('one'), appOf('two')]
  const here = await world(t, [one, two])
  const session = here.runtime.session()
  await session.put(one.handles.events, 'a', 1)
  await session.put(two.handles.events, 'a', 2)
  here.runtime.bucket(two.handles.events).add(immediate(), two.handles.read, { since: 'earliest' })
  await turns()
  t.deepEqual(seen, [2])
})

test('a trigger that is added must have a free name, a known function and valid options', async (t) => {
  const { app } = batches()
  const other = defineApp('other', (app) => app.fn<number>('spare', () => undefined))
  const { runtime } = await world(t, [app, other])
  const bucket = runtime.bucket(app.handles.events)
  t.throws(() => bucket.add(immediate(), app.handles.batch), { code: 'STG_CONFIG_NAME', message: /batch/ })
  t.throws(() => bucket.add(immediate(), 'unknown'), { code: 'STG_FUNCTION_UNKNOWN', message: /unknown/ })
  t.throws(() => bucket.add(immediate(), other.handles), { code: 'STG_FUNCTION_UNKNOWN', message: /other/ })
  t.throws(() => bucket.add({ primitive: 'unheard-of', options: {} }, 'spare'), {
    code: 'STG_PRIMITIVE_UNKNOWN',
  })
  t.throws(() => bucket.add(byBatchSize({ count: 0 }), 'spare'), {
    code: 'STG_OPTIONS_INVALID',
    message: /count/,
  })
  t.throws(() => bucket.add(immediate(), 'spare', { maxPending: 0 }), {
    code: 'STG_CONFIG_INVALID',
    message: /maxPending/,
  })
  t.throws(() => bucket.add(undefined as never, 'spare'), { code: 'STG_CONFIG_INVALID' })
  t.throws(() => bucket.add(immediate(), undefined as never))
  t.throws(() => bucket.add(immediate(), 'spare', null as never), { code: 'STG_CONFIG_INVALID' })
  t.is(bucket.triggers.length, 1)
})

test('a trigger that is removed lets what it holds fire', async (t) => {
  const { app, seen } = batches()
  const here = await world(t, app)
  const bucket = here.runtime.bucket('events')
  await here.runtime.put(app.handles.events, 'a', 1)
  const removed = bucket.remove('batch')
  t.is(bucket.triggers.length, 0)
  await here.runtime.put(app.handles.events, 'b', 2)
  await removed
  t.deepEqual(seen, [[1]])
  t.throws(() => bucket.trigger('batch'), { code: 'STG_TRIGGER_UNKNOWN' })
  await t.throwsAsync(bucket.remove('batch'), { code: 'STG_TRIGGER_UNKNOWN' })
  t.deepEqual(leftovers(here), nothing)
})

test('a trigger that is removed while it is paused is resumed first', async (t) => {
  const { app, seen } = batches()
  const here = await world(t, app)
  const bucket = here.runtime.bucket('events')
  bucket.trigger('batch').pause()
  await here.runtime.put(app.handles.events, 'a', 1)
  await bucket.remove('batch')
  t.deepEqual(seen, [[1]])
  t.deepEqual(leftovers(here), nothing)
})

test('a trigger that is removed with discard disposes what it holds', async (t) => {
  const { app, seen } = batches()
  const here = await world(t, app)
  const bucket = here.runtime.bucket('events')
  await here.runtime.put(app.handles.events, 'a', 1)
  const trigger = bucket.trigger('batch')
  await bucket.remove('batch', 'discard')
  await turns()
  t.deepEqual(seen, [])
  t.is(trigger.name, 'batch')
  t.deepEqual(leftovers(here), nothing)
})

test('a trigger that waits for sessions is removed when they have ended', async (t) => {
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    parts.when(
      bySet({ keys: ['left', 'right'], onImpossible: 'partial' }),
      app.fn<number>('join', () => undefined),
    )
    return { parts }
  })
  const here = await world(t, app)
  const session = here.runtime.session()
  await session.put(app.handles.parts, 'left', 1)
  let removed = false
  const removing = here.runtime
    .bucket('parts')
    .remove('join')
    .then(() => (removed = true))
  await turns()
  t.false(removed)
  await session.end()
  await removing
  t.deepEqual(leftovers(here), nothing)
})

test('a trigger that is leaving when the runtime closes lets go of what it holds', async (t) => {
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    parts.when(
      bySet({ keys: ['left', 'right'] }),
      app.fn<number>('join', () => undefined),
      { scope: 'bucket' },
    )
    return { parts }
  })
  const here = await world(t, app)
  await here.runtime.put(app.handles.parts, 'left', 1)
  const removed = here.runtime.bucket('parts').remove('join')
  await turns()
  t.deepEqual(here.runtime.explain({ trigger: 'parts.join' })[0]?.status.awaiting, { keys: ['right'] })
  await here.runtime.close()
  await removed
  t.deepEqual(leftovers(here), nothing)
})

test('a trigger with the name of one that was removed starts afresh and repeats no firing', async (t) => {
  const ids: string[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    const batch = app.fn<number>('batch', ({ id }) => void ids.push(id))
    events.when(byBatchSize({ count: 1 }), batch)
    return { events, batch }
  })
  const { runtime } = await world(t, app)
  const bucket = runtime.bucket('events')
  for (let life = 0; life < 3; life += 1) {
    if (life > 0) bucket.add(byBatchSize({ count: 1 }), app.handles.batch)
    await runtime.put(app.handles.events, undefined, life)
    await until(() => ids.length === life + 1)
    await bucket.remove('batch')
  }
  t.is(new Set(ids).size, 3)
})

test('a trigger whose options change keeps what it holds, and repeats no firing', async (t) => {
  const ids: string[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      byBatchSize({ count: 2 }),
      app.fn<number>('batch', ({ id }) => void ids.push(id)),
    )
    return { events }
  })
  const here = await world(t, app)
  const trigger = here.runtime.bucket('events').trigger('batch')
  const put = () => here.runtime.put(app.handles.events, undefined, 1)
  await put()
  await put()
  await put()
  t.is(trigger.ledger.pending, 1)
  t.throws(() => trigger.change(byBatchSize({ count: -1 })), { code: 'STG_OPTIONS_INVALID' })
  t.throws(() => trigger.change(immediate()), { code: 'STG_CONFIG_INVALID', message: /by-batch-size/ })
  trigger.change(byBatchSize({ count: 3 }))
  t.is(trigger.ledger.pending, 1)
  await put()
  t.is(ids.length, 1)
  await put()
  await until(() => ids.length === 2)
  t.is(new Set(ids).size, 2)
  t.true(balances(trigger))
  t.deepEqual(leftovers(here), nothing)
})

test('a paused trigger takes objects and delivers them in order when it is resumed', async (t) => {
  const { app, seen } = batches(2)
  const here = await world(t, app)
  const trigger = here.runtime.bucket('events').trigger('batch')
  trigger.pause()
  t.true(trigger.paused)
  for (const value of [1, 2, 3]) await here.runtime.put(app.handles.events, undefined, value)
  await turns()
  t.deepEqual(seen, [])
  t.is(trigger.ledger.pending, 3)
  trigger.resume()
  await turns()
  t.deepEqual(seen, [[1, 2]])
  trigger.flush()
  await turns()
  t.deepEqual(seen, [[1, 2], [3]])
  t.true(balances(trigger))
  t.deepEqual(leftovers(here), nothing)
})

test('a session whose objects wait in a paused trigger does not end before they have been delivered', async (t) => {
  const ran: number[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      immediate(),
      app.fn<number>('read', ({ value }) => void ran.push(value)),
      { scope: 'session' },
    )
    return app.fn('feed', (_fired, { put }) => void put(events, undefined, 1))
  })
  const here = await world(t, app)
  const trigger = here.runtime.bucket('events').trigger('read')
  trigger.pause()
  const session = here.runtime.invoke(app.handles, 1)
  await turns()
  t.is(here.runtime.stats.sessions.live, 1)
  trigger.resume()
  t.is((await session.ended).outcome, 'succeeded')
  t.deepEqual(ran, [1])
  t.deepEqual(leftovers(here), nothing)
})

test('a session with objects in a paused trigger can still be cancelled', async (t) => {
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      immediate(),
      app.fn<number>('read', () => undefined),
      { scope: 'session' },
    )
    return app.fn('feed', (_fired, { put }) => void put(events, undefined, 1))
  })
  const here = await world(t, app)
  here.runtime.bucket('events').trigger('read').pause()
  const session = here.runtime.invoke(app.handles, 1)
  await turns()
  session.cancel()
  await session.ended
  here.runtime.bucket('events').trigger('read').resume()
  await turns()
  t.is(here.runtime.stats.firings, 0)
  t.deepEqual(leftovers(here), nothing)
})

for (const [how, act] of Object.entries<(bucket: RunningBucket) => unknown>({
  'is reset': (bucket) => bucket.trigger('read').reset(),
  'is removed': (bucket) => bucket.remove('read', 'discard'),
  'goes with its bucket': (bucket) => bucket.delete('discard'),
}))
  test(`a session that waits for a paused trigger ends when that ${how}`, async (t) => {
    const app = defineApp('app', (app) => {
      const events = app.bucket<number>('events')
      events.when(
        immediate(),
        app.fn<number>('read', () => undefined),
        { scope: 'session' },
      )
      return app.fn('feed', (_fired, { put }) => void put(events, undefined, 1))
    })
    const here = await world(t, app)
    here.runtime.bucket('events').trigger('read').pause()
    const session = here.runtime.invoke(app.handles, 1)
    await turns()
    t.is(here.runtime.stats.sessions.live, 1)
    await act(here.runtime.bucket('events'))
    t.is((await session.ended).outcome, 'succeeded')
    t.deepEqual(leftovers(here), nothing)
  })

test('a timer that rings during a pause is delivered once, on resuming', async (t) => {
  const seen: (readonly number[])[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      byTime({ every: 100 }),
      app.fn<number>('sum', ({ objects }) => void seen.push(objects.map((o) => o.value))),
    )
    return { events }
  })
  const here = await world(t, app)
  const trigger = here.runtime.bucket('events').trigger('sum')
  await here.runtime.put(app.handles.events, undefined, 1)
  trigger.pause()
  here.clock.advance(1_000)
  await turns()
  t.deepEqual(seen, [])
  trigger.resume()
  await turns()
  t.deepEqual(seen, [[1]])
  t.deepEqual(leftovers(here), nothing)
})

test('a trigger that is reset disposes what it holds and goes on', async (t) => {
  const { app, seen } = batches(2)
  const here = await world(t, app)
  const trigger = here.runtime.bucket('events').trigger('batch')
  await here.runtime.put(app.handles.events, undefined, 1)
  trigger.reset()
  for (const value of [2, 3]) await here.runtime.put(app.handles.events, undefined, value)
  await turns()
  t.deepEqual(seen, [[2, 3]])
  t.deepEqual(trigger.ledger, { admitted: 3, fired: 2, pending: 0, disposed: { reset: 1 } })
  t.deepEqual(leftovers(here), nothing)
})

test('a round that is over stays over when its trigger is reset', async (t) => {
  let joined = 0
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    const join: FunctionHandle<number> = app.fn<number>('join', () => void (joined += 1))
    parts.when(bySet({ keys: ['left', 'right'] }), join, { deadline: 50, onDeadline: 'discard' })
    return { parts }
  })
  const here = await world(t, app)
  const session = here.runtime.session()
  await session.put(app.handles.parts, 'left', 1)
  here.clock.advance(50)
  here.runtime.bucket('parts').trigger('join').reset()
  await session.put(app.handles.parts, 'right', 1)
  await turns()
  t.is(joined, 0)
  t.is(here.runtime.bucket('parts').trigger('join').ledger.disposed['late-closed'], 1)
})

test('a bucket that has the name of a deleted one has none of its objects, and goes on numbering', async (t) => {
  const seen: string[] = []
  const app = defineApp('app', (app) => ({
    events: app.bucket<number>('events'),
    each: app.fn<number>('each', ({ objects }) => void seen.push(...objects.map((o) => `${o.key} ${o.seq}`))),
  }))
  const { runtime } = await world(t, app)
  const session = runtime.session()
  await session.put(app.handles.events, 'old', 1)
  runtime.bucket('events').delete()
  runtime.createBucket('events')
  await session.put(app.handles.events, 'new', 1)
  runtime.bucket('events').add(immediate(), app.handles.each, { since: 'earliest' })
  await session.end()
  t.deepEqual(seen, ['new 2'])
})
