import test from 'ava'
import {
  byBatchSize,
  bySet,
  defineApp,
  defineRuntime,
  immediate,
  redundant,
  start,
  StigmergyError,
} from 'stigmergy'
import { gate, leftovers, nothing, turns, until, world } from './world.js'

test('a runtime that closes lets what runs finish, and fires what its triggers hold', async (t) => {
  const rest = gate()
  const seen: (readonly number[])[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    const sums = app.bucket<number>('sums')
    sums.when(
      byBatchSize({ count: 9 }),
      app.fn<number>('last', ({ objects }) => void seen.push(objects.map((o) => o.value))),
    )
    events.when(
      byBatchSize({ count: 3 }),
      app.fn<number>('sum', async ({ objects }, { put }) => {
        await rest.passed
        await put(sums, undefined, objects.length)
      }),
    )
    return { events }
  })
  const here = await world(t, app)
  for (let n = 0; n < 4; n += 1) await here.runtime.put(app.handles.events, undefined, n)
  let closed = false
  const closing = here.runtime.close().then(() => (closed = true))
  await turns()
  t.false(closed)
  rest.open()
  await closing
  t.deepEqual(seen, [[3], [1]])
  t.is(here.store.usage.objects, 0)
  t.is(here.clock.armed, 0)
})

test('a runtime that is told to close now cancels what runs', async (t) => {
  const aborted: unknown[] = []
  const app = defineApp('app', (app) =>
    app.fn('wait', async (_fired, { signal }) => {
      signal.addEventListener('abort', () => aborted.push(signal.reason))
      await new Promise(() => undefined)
    }),
  )
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles, 1)
  await turns()
  await here.runtime.close({ now: true })
  const { outcome, error } = await session.ended
  t.is(outcome, 'cancelled')
  t.true(StigmergyError.is(error, 'STG_SESSION_CANCELLED'))
  t.is(aborted.length, 1)
  t.is(here.store.usage.objects, 0)
  t.is(here.clock.armed, 0)
})

test('a runtime gives up waiting after drainMs', async (t) => {
  const app = defineApp('app', (app) => app.fn('wait', () => new Promise(() => undefined)))
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles, 1)
  await turns()
  const closing = here.runtime.close({ drainMs: 100 })
  await turns()
  here.clock.advance(99)
  await turns()
  t.is(here.runtime.stats.sessions.live, 1)
  here.clock.advance(1)
  await closing
  t.is((await session.ended).outcome, 'cancelled')
  t.is(here.store.usage.objects, 0)
  t.is(here.clock.armed, 0)
})

test('a second close waits for the first, and one that says now hurries it', async (t) => {
  const app = defineApp('app', (app) => app.fn('wait', () => new Promise(() => undefined)))
  const here = await world(t, app)
  here.runtime.invoke(app.handles, 1)
  await turns()
  const first = here.runtime.close()
  const second = here.runtime.close()
  await turns()
  t.is(here.runtime.stats.sessions.live, 1)
  await here.runtime.close({ now: true })
  await Promise.all([first, second])
  t.is(here.runtime.stats.sessions.live, 0)
})

test('a runtime that is closing or closed takes no more work', async (t) => {
  const rest = gate()
  const app = defineApp('app', (app) => ({
    events: app.bucket<number>('events'),
    wait: app.fn('wait', () => rest.passed),
  }))
  const { runtime } = await world(t, app)
  runtime.invoke(app.handles.wait, 1)
  await turns()
  const closing = runtime.close()
  for (const phase of ['closing', 'closed']) {
    const closed = { code: 'STG_CLOSED' } as const
    t.throws(() => runtime.invoke(app.handles.wait, 1), closed, phase)
    t.throws(() => runtime.session(), closed, phase)
    t.throws(() => runtime.closed('events', { scope: 'items' }), closed, phase)
    t.throws(() => runtime.createBucket('other'), closed, phase)
    await t.throwsAsync(runtime.put(app.handles.events, 'a', 1), closed, phase)
    rest.open()
    await closing
  }
})

test('an open session may finish while the runtime closes', async (t) => {
  const joined: number[] = []
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    parts.when(
      bySet({ keys: ['left', 'right'] }),
      app.fn<number>('join', ({ objects }) => void joined.push(objects.length)),
    )
    return { parts }
  })
  const { runtime } = await world(t, app)
  const session = runtime.session()
  await session.put(app.handles.parts, 'left', 1)
  const closing = runtime.close()
  await turns()
  t.is(await session.put(app.handles.parts, 'right', 1), 'admitted')
  t.is((await session.end()).outcome, 'succeeded')
  await closing
  t.deepEqual(joined, [2])
})

test('what is asked for when closing is checked', async (t) => {
  const app = defineApp('app', () => undefined)
  const { runtime } = await world(t, app)
  for (const [field, options] of [
    ['drainMs', { drainMs: -1 }],
    ['drainMs', { drainMs: 'soon' }],
    ['now', { now: 'yes' }],
    ['later', { later: true }],
  ] as const)
    await t.throwsAsync(async () => runtime.close(options as object), {
      code: 'STG_CONFIG_INVALID',
      message: new RegExp(field),
    })
  t.is(runtime.stats.sessions.live, 0)
  t.notThrows(() => runtime.session())
})

test('a runtime closes when the signal that it was started with aborts', async (t) => {
  const app = defineApp('app', (app) => app.fn('wait', () => new Promise(() => undefined)))
  const stop = new AbortController()
  const runtime = await start(defineRuntime(), app, { signal: stop.signal })
  const session = runtime.invoke(app.handles, 1)
  stop.abort()
  t.is((await session.ended).outcome, 'cancelled')
  t.throws(() => runtime.invoke(app.handles, 1), { code: 'STG_CLOSED' })
  await runtime.close()
})

test('a runtime whose signal has aborted, before or while it starts, does not start', async (t) => {
  const app = defineApp('app', () => undefined)
  await t.throwsAsync(start(defineRuntime(), app, { signal: AbortSignal.abort(new Error('too late')) }), {
    message: 'too late',
  })
  const stop = new AbortController()
  const events: string[] = []
  const definition = defineRuntime({
    plugins: [
      {
        name: 'slow',
        start: async () => {
          events.push('started')
          stop.abort(new Error('changed my mind'))
          return { close: () => void events.push('closed') }
        },
      },
    ],
  })
  await t.throwsAsync(start(definition, app, { signal: stop.signal }), { message: 'changed my mind' })
  t.deepEqual(events, ['started', 'closed'])
})

test('a runtime can be left with await using', async (t) => {
  const app = defineApp('app', (app) =>
    app.fn<number, number>('double', ({ value }, { reply }) => reply(2 * value)),
  )
  let kept
  {
    await using runtime = await start(defineRuntime(), app)
    kept = runtime
    t.is(await runtime.invoke(app.handles, 2).result, 4)
  }
  t.throws(() => kept.invoke(app.handles, 2), { code: 'STG_CLOSED' })
})

test('a runtime with paused and halted triggers closes all the same', async (t) => {
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      byBatchSize({ count: 3 }),
      app.fn<number>('batch', () => undefined),
    )
    events.when(
      immediate(),
      app.fn<number>('each', () => undefined),
      { scope: 'session' },
    )
    return { events, feed: app.fn('feed', (_fired, { put }) => void put(events, undefined, 1)) }
  })
  const here = await world(t, app)
  for (const trigger of here.runtime.bucket('events').triggers) trigger.pause()
  const session = here.runtime.invoke(app.handles.feed, 1)
  await here.runtime.put(app.handles.events, 'a', 1)
  await turns()
  await here.runtime.close()
  t.is((await session.ended).outcome, 'cancelled')
  t.is(here.store.usage.objects, 0)
  t.is(here.clock.armed, 0)
})

test('objects without a session that a session-scoped trigger holds are fired when the runtime closes', async (t) => {
  const seen: number[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      byBatchSize({ count: 3 }),
      app.fn<number>('batch', ({ objects }) => void seen.push(objects.length)),
      {
        scope: 'session',
      },
    )
    return { events }
  })
  const here = await world(t, app)
  await here.runtime.put(app.handles.events, 'a', 1)
  await here.runtime.close()
  t.deepEqual(seen, [1])
  t.is(here.store.usage.objects, 0)
})

test('closing waits for sessions that firings at the end begin', async (t) => {
  const depths: number[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      byBatchSize({ count: 10 }),
      app.fn<number>('again', async ({ objects }, { put }) => {
        const depth = objects[0]?.value ?? 0
        depths.push(depth)
        await turns(1)
        if (depth < 3) await put(events, undefined, depth + 1)
      }),
    )
    return { events }
  })
  const here = await world(t, app)
  await here.runtime.put(app.handles.events, 'a', 0)
  await here.runtime.close()
  t.deepEqual(depths, [0, 1, 2, 3])
  t.is(here.store.usage.objects, 0)
})

test('puts that wait for room are refused when the runtime closes, though their store goes on', async (t) => {
  const app = defineApp('app', (app) => {
    const events = app.bucket<string>('events')
    events.when(
      immediate(),
      app.fn<string>('each', () => undefined),
    )
    return { events }
  })
  for (const options of [{ drainMs: 100 }, { now: true }]) {
    const here = await world(t, app, { store: { limitBytes: 100 } })
    const elsewhere = await here.store.put('of somebody else', 90)
    const session = here.runtime.session()
    const { events } = app.handles
    const puts = [
      here.runtime.put(events, 'a', 'x'.repeat(20)),
      here.runtime.put(events, 'b', 'x'.repeat(20), { session: 's' }),
      session.put(events, 'c', 'x'.repeat(20)),
    ].map((put) => t.throwsAsync(put, { code: 'STG_CLOSED' }))
    const closing = here.runtime.close(options)
    here.clock.advance(options.drainMs ?? 0)
    await closing
    await Promise.all(puts)
    here.store.release(elsewhere)
    await turns()
    t.deepEqual(leftovers(here), nothing)
  }
})

test('a put that finds room only when the runtime has closed leaves neither an object nor a dead letter', async (t) => {
  const app = defineApp('app', (app) => {
    const events = app.bucket<string>('events')
    events.when(
      immediate(),
      app.fn<string>('each', () => undefined),
    )
    return { events, others: app.bucket<string>('others') }
  })
  const here = await world(t, app, { store: { limitBytes: 100 } })
  await here.runtime.put(app.handles.others, 'a', 'x'.repeat(100), { session: 's' })
  const put = here.runtime.put(app.handles.events, 'b', 'x'.repeat(20), { session: 's' })
  put.catch(() => undefined)
  await here.runtime.close({ now: true })
  await t.throwsAsync(put, { code: 'STG_CLOSED' })
  t.is(here.runtime.deadLetters.size, 0)
  t.deepEqual(leftovers(here), nothing)
})

test('a dead letter that waits for room to be put again is let go when the runtime closes', async (t) => {
  const app = defineApp('app', (app) => {
    const events = app.bucket<string>('events')
    events.when(
      immediate(),
      app.fn<string>('each', () => undefined),
      { scope: 'session' },
    )
    return { events }
  })
  const here = await world(t, app, { store: { limitBytes: 100 } })
  const session = here.runtime.session({ session: 's' })
  await session.end()
  await here.runtime.put(app.handles.events, 'late', 'x'.repeat(60), { session: 's' })
  const again = here.runtime.deadLetters.redrive(here.runtime.deadLetters.list()[0]!.id)
  await here.runtime.close({ now: true })
  t.is((await again.ended).outcome, 'cancelled')
  await turns()
  t.is(here.runtime.deadLetters.size, 0)
  t.deepEqual(leftovers(here), nothing)
})

test('triggers are not told of what closing gives up: nothing fires any more', async (t) => {
  const ran: string[] = []
  const app = defineApp('app', (app) => {
    const results = app.bucket<number>('results')
    results.when(
      redundant({ k: 1, n: 1, onDeficit: 'fallback', fallback: 'rescue' }),
      app.fn<number>('take', () => void ran.push('take')),
      { scope: 'bucket' },
    )
    app.fn<number>('rescue', () => void ran.push('rescue'))
    return app.fn('work', () => new Promise(() => undefined), { puts: [results] })
  })
  const here = await world(t, app)
  here.runtime.invoke(app.handles, 1)
  await turns()
  await here.runtime.close({ now: true })
  await turns()
  t.deepEqual(ran, [])
  t.deepEqual(leftovers(here), nothing)
})

test('a hundred runtimes come and go without leaving timers or handles', async (t) => {
  const app = defineApp('app', (app) => app.fn('noop', () => undefined))
  const before = process.getActiveResourcesInfo().length
  for (let n = 0; n < 100; n += 1) {
    const runtime = await start(defineRuntime(), app)
    await runtime.invoke(app.handles, n, { deadlineMs: 10_000 }).ended
    await runtime.close()
  }
  await until(() => process.getActiveResourcesInfo().length <= before + 1)
  t.pass()
})
