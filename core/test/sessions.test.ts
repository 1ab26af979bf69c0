import test from 'ava'
import { byBatchSize, bySet, byTime, defineApp, immediate, StigmergyError } from 'stigmergy'
import { gate, leftovers, nothing, ofType, turns, until, world } from './world.js'

test('a session resolves to the first reply, before it has ended', async (t) => {
  const rest = gate()
  const app = defineApp('app', (app) =>
    app.fn<string, string>('greet', async ({ value }, { reply }) => {
      reply(`hello ${value}`)
      reply('again')
      await rest.passed
    }),
  )
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles, 'ant')
  t.is(await session.result, 'hello ant')
  t.is(here.runtime.stats.sessions.live, 1)
  rest.open()
  t.deepEqual(await session.ended, { outcome: 'succeeded' })
  t.deepEqual(leftovers(here), nothing)
})

test('a session without a reply resolves to undefined when it has ended', async (t) => {
  const app = defineApp('app', (app) => app.fn('silent', () => undefined))
  const here = await world(t, app)
  t.is(await here.runtime.invoke(app.handles, 1).result, undefined)
})

test('a failure is told with the error that caused it', async (t) => {
  const cause = new RangeError('no such leaf')
  const app = defineApp('app', (app) =>
    app.fn('search', () => {
      throw cause
    }),
  )
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles, 1)
  const error = await t.throwsAsync(session.result, {
    code: 'STG_FUNCTION_FAILED',
    message: /search.*no such leaf/,
  })
  t.is(error?.cause, cause)
  const { outcome, error: ended } = await session.ended
  t.is(outcome, 'failed')
  t.is(ended, error)
})

test('a reply that was given before the failure stays the result', async (t) => {
  const app = defineApp('app', (app) =>
    app.fn<number, number>('f', ({ value }, { reply }) => {
      reply(value)
      throw new Error('later')
    }),
  )
  const { runtime } = await world(t, app)
  const session = runtime.invoke(app.handles, 7)
  t.is(await session.result, 7)
  t.is((await session.ended).outcome, 'failed')
})

test('a cancelled session ends at once: what runs is aborted, what is held is let go', async (t) => {
  const aborted: unknown[] = []
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    const join = app.fn<number>('join', () => undefined)
    parts.when(bySet({ keys: ['left', 'right'] }), join)
    return app.fn('feed', async (_fired, { put, signal }) => {
      signal.addEventListener('abort', () => aborted.push(signal.reason))
      await put(parts, 'left', 1)
      await new Promise(() => undefined)
    })
  })
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles, 1)
  await until(() => here.runtime.stats.objects.put === 1)
  session.cancel(new Error('enough'))
  const { outcome, error } = await session.ended
  t.is(outcome, 'cancelled')
  t.true(StigmergyError.is(error, 'STG_SESSION_CANCELLED'))
  t.is((error?.cause as Error).message, 'enough')
  await t.throwsAsync(session.result, { code: 'STG_SESSION_CANCELLED' })
  t.is(aborted.length, 1)
  t.deepEqual(leftovers(here), nothing)
  t.deepEqual(here.runtime.bucket('parts').trigger('join').ledger.disposed, { 'session-ended': 1 })
})

test('a session that is cancelled twice, or after its end, ends once', async (t) => {
  const app = defineApp('app', (app) => app.fn('wait', () => new Promise(() => undefined)))
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles, 1)
  await turns()
  session.cancel()
  session.cancel()
  await session.ended
  session.cancel()
  t.is(ofType(here, 'session-ended').length, 1)
})

test('a function that cancels its own session is given up', async (t) => {
  const app = defineApp('app', (app) => {
    const bucket = app.bucket<number>('b')
    return app.fn<() => void>('suicide', ({ value: cancel }, { put }) => {
      cancel()
      void put(bucket, 'a', 1)
    })
  })
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles, () => session.cancel())
  t.is((await session.ended).outcome, 'cancelled')
  await turns()
  t.deepEqual(leftovers(here), nothing)
  t.is(here.runtime.stats.objects.put, 0)
})

test('a listener of the signal may cancel the session that is being cancelled', async (t) => {
  const app = defineApp('app', (app) => {
    const work = app.bucket<() => void>('work')
    const wait = app.fn<() => void>('wait', async ({ value: cancel }, { signal }) => {
      signal.addEventListener('abort', cancel)
      await new Promise(() => undefined)
    })
    work.when(immediate(), wait)
    return app.fn<() => void>('fan', ({ value }, { put }) => {
      for (let n = 0; n < 3; n += 1) void put(work, undefined, value)
    })
  })
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles, () => session.cancel('again'))
  await until(() => here.runtime.stats.invocations.running === 3)
  session.cancel('first')
  await session.ended
  t.is(ofType(here, 'session-ended').length, 1)
  t.deepEqual(leftovers(here), nothing)
  t.is(here.runtime.stats.invocations.running, 0)
})

test('a session ends as expired when its deadline passes', async (t) => {
  const app = defineApp('app', (app) => app.fn('wait', () => new Promise(() => undefined)))
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles, 1, { deadlineMs: 100 })
  await turns()
  here.clock.advance(99)
  t.is(here.runtime.stats.sessions.live, 1)
  here.clock.advance(1)
  t.is((await session.ended).outcome, 'expired')
  await t.throwsAsync(session.result, { code: 'STG_SESSION_EXPIRED' })
  t.deepEqual(leftovers(here), nothing)
})

test('a deadline that was not needed leaves no timer', async (t) => {
  const app = defineApp('app', (app) => app.fn('quick', () => undefined))
  const here = await world(t, app)
  await here.runtime.invoke(app.handles, 1, { deadlineMs: 100 }).ended
  t.deepEqual(leftovers(here), nothing)
})

test('an AbortSignal cancels its session and is not listened to afterwards', async (t) => {
  const app = defineApp('app', (app) => app.fn('wait', () => new Promise(() => undefined)))
  const here = await world(t, app)
  const abort = new AbortController()
  const session = here.runtime.invoke(app.handles, 1, { signal: abort.signal })
  await turns()
  abort.abort(new Error('the caller left'))
  const { outcome, error } = await session.ended
  t.is(outcome, 'cancelled')
  t.is((error?.cause as Error).message, 'the caller left')
  t.deepEqual(leftovers(here), nothing)
})

test('a session with a signal that has aborted already ends without running anything', async (t) => {
  let ran = 0
  const app = defineApp('app', (app) => app.fn('never', () => void (ran += 1)))
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles, 1, { signal: AbortSignal.abort(), deadlineMs: 100 })
  t.is((await session.ended).outcome, 'cancelled')
  await turns()
  t.is(ran, 0)
  t.deepEqual(leftovers(here), nothing)
})

test('a session ends when everything that it caused has ended', async (t) => {
  const rest = gate()
  const order: string[] = []
  const app = defineApp('app', (app) => {
    const second = app.bucket<number>('second')
    const third = app.bucket<number>('third')
    const last = app.fn<number>('last', async () => {
      await rest.passed
      order.push('last')
    })
    third.when(immediate(), last)
    second.when(
      immediate(),
      app.fn<number>('middle', ({ value }, { put }) => void put(third, undefined, value)),
    )
    return app.fn<number>('first', ({ value }, { put }) => void put(second, undefined, value))
  })
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles, 1)
  void session.ended.then(() => order.push('ended'))
  await turns()
  rest.open()
  await session.ended
  t.deepEqual(order, ['last', 'ended'])
  t.deepEqual(leftovers(here), nothing)
})

test('a session waits for the timers of its triggers', async (t) => {
  const sizes: number[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      byTime({ every: 100 }),
      app.fn<number>('sum', ({ objects }) => void sizes.push(objects.length)),
      {
        scope: 'session',
      },
    )
    return app.fn('feed', async (_fired, { put }) => {
      await put(events, 'a', 1)
      await put(events, 'b', 2)
    })
  })
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles, 1)
  await turns()
  t.is(here.runtime.stats.sessions.live, 1)
  here.clock.advance(100)
  t.deepEqual(await session.ended, { outcome: 'succeeded' })
  t.deepEqual(sizes, [2])
  t.deepEqual(leftovers(here), nothing)
})

test('what triggers hold at the end of a session is flushed where they say so, and what that puts is still handled', async (t) => {
  const seen: unknown[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    const sums = app.bucket<number>('sums')
    sums.when(
      immediate(),
      app.fn<number>('show', ({ value }) => void seen.push(value)),
    )
    events.when(
      byBatchSize({ count: 3 }),
      app.fn<number>('sum', ({ objects, partial }, { put }) => {
        seen.push(partial)
        void put(
          sums,
          undefined,
          objects.reduce((sum, { value }) => sum + value, 0),
        )
      }),
      { scope: 'session' },
    )
    return app.fn('feed', async (_fired, { put }) => {
      for (let n = 1; n <= 4; n += 1) await put(events, undefined, n)
    })
  })
  const here = await world(t, app)
  t.deepEqual(await here.runtime.invoke(app.handles, 1).ended, { outcome: 'succeeded' })
  t.deepEqual(seen, [false, 6, true, 4])
  t.deepEqual(leftovers(here), nothing)
})

test('an incomplete join fails its session, with what is missing', async (t) => {
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    parts.when(
      bySet({ keys: ['left', 'right'] }),
      app.fn<number>('join', () => undefined),
    )
    return app.fn('feed', (_fired, { put }) => void put(parts, 'left', 1))
  })
  const here = await world(t, app)
  const { outcome, error } = await here.runtime.invoke(app.handles, 1).ended
  t.is(outcome, 'failed')
  t.true(StigmergyError.is(error, 'STG_TRIGGER_UNSATISFIED'))
  t.deepEqual((error as StigmergyError).details['missing'], ['right'])
  t.deepEqual(leftovers(here), nothing)
})

test('several joins that wait for the end of their session all learn of it, and one that fires first comes first', async (t) => {
  const joined: string[] = []
  const app = defineApp('app', (app) => {
    const first = app.bucket<number>('first')
    const second = app.bucket<number>('second')
    const options = { keys: ['left'], optional: ['note'] } as const
    // The second join gets its missing part from the first one's firing, which only the end of the session brings about.
    second.when(
      bySet({ keys: ['left', 'right'], onImpossible: 'partial' }),
      app.fn<number>('second', ({ partial }) => void joined.push(`second${partial ? ' partial' : ''}`)),
    )
    first.when(
      bySet({ keys: [...options.keys, 'never'], onImpossible: 'partial' }),
      app.fn<number>('first', async (_fired, { put }) => {
        joined.push('first')
        await put(second, 'right', 2)
      }),
    )
    return app.fn('feed', async (_fired, { put }) => {
      await put(first, 'left', 1)
      await put(second, 'left', 1)
    })
  })
  const here = await world(t, app)
  t.deepEqual(await here.runtime.invoke(app.handles, 1).ended, { outcome: 'succeeded' })
  t.is(joined.filter((name) => name === 'first').length, 1)
  t.is(joined.filter((name) => name.startsWith('second')).length, 1)
  t.deepEqual(leftovers(here), nothing)
})

test('a failure gives up what else runs, and the session ends once, with the first error', async (t) => {
  const app = defineApp('app', (app) => {
    const work = app.bucket<number>('work')
    work.when(
      immediate(),
      app.fn<number>('work', async ({ value }, { signal }) => {
        if (value > 0) throw new Error(`failure ${value}`)
        await new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('aborted'))),
        )
      }),
    )
    return app.fn('fan', (_fired, { put }) => {
      for (let n = 0; n < 4; n += 1) void put(work, undefined, n)
    })
  })
  const here = await world(t, app)
  const { outcome, error } = await here.runtime.invoke(app.handles, 1).ended
  t.is(outcome, 'failed')
  t.regex(error?.message ?? '', /failure 1/)
  await turns()
  t.is(ofType(here, 'session-ended').length, 1)
  t.is(here.runtime.stats.invocations.running, 0)
  for (const { id } of here.runtime.deadLetters.list()) here.runtime.deadLetters.discard(id)
  t.deepEqual(leftovers(here), nothing)
})

test('a firing of one object runs in its session, and a firing of several in a session of its own', async (t) => {
  const sessions: string[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      byBatchSize({ count: 2 }),
      app.fn<number>('pair', (_fired, { session }) => void sessions.push(session)),
    )
    events.when(
      immediate(),
      app.fn<number>('one', (_fired, { session }) => void sessions.push(session)),
    )
    return { events }
  })
  const here = await world(t, app)
  await here.runtime.put(app.handles.events, 'a', 1, { session: 's1' })
  await here.runtime.put(app.handles.events, 'b', 2, { session: 's2' })
  await turns()
  t.deepEqual([...sessions].sort(), ['s1', 's2', '~events.pair/0'])
  const began = ofType(here, 'session-began').find(({ session }) => session === '~events.pair/0')
  t.deepEqual(began?.parents, ['s1', 's2'])
})

test('an open session takes puts and facts until it is ended', async (t) => {
  const joined: (readonly number[])[] = []
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    parts.when(
      bySet({ keys: ['left', 'right'] }),
      app.fn<number>('join', ({ objects }) => void joined.push(objects.map(({ value }) => value))),
    )
    return { parts }
  })
  const here = await world(t, app)
  const session = here.runtime.session()
  t.is(await session.put(app.handles.parts, 'right', 2), 'admitted')
  await turns()
  here.clock.advance(1_000_000)
  t.is(await session.put(app.handles.parts, 'right', 2), 'duplicate')
  t.is(await session.put(app.handles.parts, 'left', 1), 'admitted')
  t.deepEqual(await session.end(), { outcome: 'succeeded' })
  t.deepEqual(joined, [[1, 2]])
  t.deepEqual(leftovers(here), nothing)
})

test('an open session ends when it is disposed', async (t) => {
  const app = defineApp('app', (app) => ({ parts: app.bucket('parts') }))
  const here = await world(t, app)
  {
    await using session = here.runtime.session({ session: 'mine' })
    await session.put(app.handles.parts, 'a', 1)
    t.is(here.runtime.stats.sessions.live, 1)
  }
  t.deepEqual(leftovers(here), nothing)
})

test('an open session that has been ended takes no more, even while something of it runs', async (t) => {
  const rest = gate()
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    parts.when(
      immediate(),
      app.fn<number>('slow', () => rest.passed),
    )
    return { parts }
  })
  const here = await world(t, app)
  const session = here.runtime.session()
  await session.put(app.handles.parts, 'a', 1)
  const ended = session.end()
  await t.throwsAsync(session.put(app.handles.parts, 'b', 2), { code: 'STG_SESSION_OVER' })
  t.throws(() => session.closed(app.handles.parts, { scope: 'items' }), { code: 'STG_SESSION_OVER' })
  rest.open()
  await ended
  await t.throwsAsync(session.put(app.handles.parts, 'c', 3), { code: 'STG_SESSION_OVER' })
  t.throws(() => session.closed(app.handles.parts, { scope: 'items' }), { code: 'STG_SESSION_OVER' })
  t.deepEqual(leftovers(here), nothing)
})

test('a fact for a session that is over is refused and opens nothing', async (t) => {
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    parts.when(
      bySet({ keys: ['left', 'right'] }),
      app.fn<number>('join', () => undefined),
    )
    return { parts }
  })
  const here = await world(t, app)
  const session = here.runtime.session({ session: 's' })
  await session.end()
  const fact = { scope: 'producer', name: 'left' } as const
  t.throws(() => here.runtime.closed('parts', fact, { session: 's' }), { code: 'STG_SESSION_OVER' })
  t.throws(() => here.runtime.closed('parts', fact, { session: 'unheard of' }), {
    code: 'STG_SESSION_UNKNOWN',
  })
  t.is(here.runtime.bucket('parts').trigger('join').partitions, 0)
})

test('a session that a put from outside opened ends when it has been quiet for a while', async (t) => {
  const app = defineApp('app', (app) => ({ notes: app.bucket<number>('notes') }))
  const here = await world(t, app, { limits: { sessionIdleMs: 500 } })
  await here.runtime.put(app.handles.notes, 'a', 1, { session: 's' })
  await turns()
  here.clock.advance(499)
  await here.runtime.put(app.handles.notes, 'b', 2, { session: 's' })
  await turns()
  here.clock.advance(499)
  t.is(here.runtime.stats.sessions.live, 1)
  here.clock.advance(1)
  t.deepEqual(leftovers(here), nothing)
  t.is(await here.runtime.put(app.handles.notes, 'c', 3, { session: 's' }), 'late')
})

test('a put that is refused at the door leaves no session behind', async (t) => {
  const app = defineApp('app', (app) => ({ notes: app.bucket<number>('notes') }))
  const here = await world(t, app)
  await t.throwsAsync(here.runtime.put(app.handles.notes, '', 1, { session: 's' }), {
    code: 'STG_OBJECT_KEY_INVALID',
  })
  await t.throwsAsync(here.runtime.put(app.handles.notes, 'k', 1, { session: '' + '\ud800' }), {
    code: 'STG_OBJECT_KEY_INVALID',
  })
  await turns()
  t.deepEqual(leftovers(here), nothing)
})

test('the name of a session that is over stays taken for a while, and late objects are dead letters', async (t) => {
  const app = defineApp('app', (app) => {
    const notes = app.bucket<number>('notes')
    notes.when(
      immediate(),
      app.fn<number>('read', () => undefined),
    )
    return { notes, read: app.fn('noop', () => undefined) }
  })
  const here = await world(t, app, { limits: { sessionTombstoneMs: 1_000 } })
  await here.runtime.invoke(app.handles.read, 1, { session: 's' }).ended
  t.throws(() => here.runtime.invoke(app.handles.read, 1, { session: 's' }), { code: 'STG_SESSION_OVER' })
  t.is(await here.runtime.put(app.handles.notes, 'late', 1, { session: 's' }), 'late')
  t.is(here.runtime.deadLetters.size, 1)
  here.clock.advance(1_000)
  t.is((await here.runtime.invoke(app.handles.read, 1, { session: 's' }).ended).outcome, 'succeeded')
})

test('tombstones are bounded: the oldest names are forgotten', async (t) => {
  const app = defineApp('app', (app) => app.fn('noop', () => undefined))
  const { runtime } = await world(t, app, { limits: { maxTombstones: 4 } })
  for (let n = 0; n < 10; n += 1) await runtime.invoke(app.handles, 1, { session: `s${n}` }).ended
  t.is((await runtime.invoke(app.handles, 1, { session: 's0' }).ended).outcome, 'succeeded')
  t.throws(() => runtime.invoke(app.handles, 1, { session: 's9' }), { code: 'STG_SESSION_OVER' })
})

test('the name of a live session and names of the runtime itself cannot be taken', async (t) => {
  const app = defineApp('app', (app) => app.fn('wait', () => new Promise(() => undefined)))
  const { runtime } = await world(t, app)
  runtime.invoke(app.handles, 1, { session: 's' })
  t.throws(() => runtime.invoke(app.handles, 1, { session: 's' }), {
    code: 'STG_SESSION_OVER',
    message: /live/,
  })
  t.throws(() => runtime.session({ session: '~x' }), { code: 'STG_SESSION_OVER', message: /~/ })
})

test('too many sessions are refused, and room comes with the end of one', async (t) => {
  const rest = gate()
  const app = defineApp('app', (app) => app.fn('wait', () => rest.passed))
  const { runtime } = await world(t, app, { limits: { maxSessions: 1 } })
  const session = runtime.invoke(app.handles, 1)
  const error = t.throws(() => runtime.invoke(app.handles, 1), { code: 'STG_SESSION_LIMIT' })
  t.true(StigmergyError.is(error) && error.retryable)
  rest.open()
  await session.ended
  t.is((await runtime.invoke(app.handles, 1).ended).outcome, 'succeeded')
})

test('a request that does not fit into the store fails its session and leaves nothing', async (t) => {
  const app = defineApp('app', (app) => app.fn<Uint8Array>('f', () => undefined))
  const here = await world(t, app, { store: { limitBytes: 10 } })
  const session = here.runtime.invoke(app.handles, new Uint8Array(11))
  const { outcome, error } = await session.ended
  t.is(outcome, 'failed')
  t.true(StigmergyError.is(error, 'STG_STORE_FULL'))
  t.deepEqual(leftovers(here), nothing)
})

test('a session of many incomplete joins leaves nothing at its end', async (t) => {
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    parts.when(
      bySet({ keys: ['left', 'right'] }),
      app.fn<number>('join', () => undefined),
      {
        partitionBy: ({ value }) => String(value),
      },
    )
    return { parts }
  })
  const here = await world(t, app)
  const session = here.runtime.session()
  for (let n = 0; n < 1_000; n += 1) await session.put(app.handles.parts, `left`, n, { role: `r${n}` })
  t.is(here.runtime.bucket('parts').trigger('join').partitions, 1_000)
  t.is((await session.end()).outcome, 'failed')
  t.deepEqual(leftovers(here), nothing)
  t.is(here.runtime.bucket('parts').trigger('join').partitions, 0)
})

test('a put into a session that has ended is late, whoever has its name by then', async (t) => {
  const app = defineApp('app', (app) => ({ events: app.bucket<number>('events') }))
  const here = await world(t, app, { limits: { sessionTombstoneMs: 10 } })
  const first = here.runtime.session({ session: 's' })
  first.cancel()
  here.clock.advance(10)
  t.is(await first.put(app.handles.events, 'a', 1), 'late')
  t.is(here.runtime.stats.sessions.live, 0)
  const second = here.runtime.session({ session: 's' })
  t.is(await first.put(app.handles.events, 'a', 1), 'late')
  t.is(await second.put(app.handles.events, 'a', 1), 'admitted')
})

test('an object that outlives its session does not run in a later one of the same name', async (t) => {
  const seen: unknown[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      byBatchSize({ count: 2 }),
      app.fn<number>('batch', ({ objects }, { session }) => {
        seen.push(session, ...objects.map(({ value }) => value))
      }),
    )
    return { events }
  })
  const here = await world(t, app, { limits: { sessionTombstoneMs: 10 } })
  const first = here.runtime.session({ session: 's' })
  await first.put(app.handles.events, 'a', 1)
  first.cancel()
  here.clock.advance(10)
  const second = here.runtime.session({ session: 's' })
  here.runtime.bucket('events').trigger('batch').flush()
  await turns()
  t.deepEqual(seen, ['~events.batch/0', 1])
  await second.end()
  t.deepEqual(leftovers(here), nothing)
})
