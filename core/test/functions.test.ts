import test from 'ava'
import {
  byBatchSize,
  bySet,
  defineApp,
  type FunctionContext,
  immediate,
  type RuntimeEvent,
  StigmergyError,
} from 'stigmergy'
import { gate, leftovers, nothing, ofType, turns, until, world, type World } from './world.js'

function discardLetters({ runtime }: World): void {
  for (const { id } of runtime.deadLetters.list()) runtime.deadLetters.discard(id)
}

test('a failed attempt is followed by others, with growing pauses', async (t) => {
  const at: number[] = []
  const app = defineApp('app', (app) =>
    app.fn<() => number>(
      'flaky',
      ({ value: now }) => {
        at.push(now())
        throw new Error('again')
      },
      { retries: { max: 3, backoffMs: 100, factor: 3 } },
    ),
  )
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles, () => here.clock.now())
  await turns()
  for (const pause of [100, 300, 900]) {
    here.clock.advance(pause - 1)
    await turns()
    here.clock.advance(1)
    await turns()
  }
  t.is((await session.ended).outcome, 'failed')
  t.deepEqual(at, [1_000, 1_100, 1_400, 2_300])
  t.deepEqual(
    ofType(here, 'function-retried').map(({ dueAt }) => dueAt),
    [1_100, 1_400, 2_300],
  )
  discardLetters(here)
  t.deepEqual(leftovers(here), nothing)
})

test('retry options that are left out have their defaults', async (t) => {
  const app = defineApp('app', (app) =>
    app.fn(
      'flaky',
      (_fired, { attempt }) => {
        if (attempt < 3) throw new Error('again')
      },
      { retries: { max: 2, backoffMs: undefined, factor: undefined } as unknown as { max: number } },
    ),
  )
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles, 1)
  await turns()
  here.clock.advance(100)
  await turns()
  here.clock.advance(200)
  t.is((await session.ended).outcome, 'succeeded')
})

test('everything that can be thrown fails the function, and is told as an error', async (t) => {
  const app = defineApp('app', (app) => ({
    sync: app.fn<unknown>('sync', ({ value }) => {
      throw value as Error
    }),
    async: app.fn<unknown>('async', async ({ value }) => {
      throw value as Error
    }),
  }))
  const here = await world(t, app)
  for (const fn of [app.handles.sync, app.handles.async])
    for (const thrown of [
      'text',
      undefined,
      null,
      42,
      Symbol('s'),
      { code: 'EX' },
      Object.create(null),
      new Error('e'),
    ]) {
      const { outcome, error } = await here.runtime.invoke(fn, thrown).ended
      t.is(outcome, 'failed')
      t.true(StigmergyError.is(error, 'STG_FUNCTION_FAILED'))
      t.true(error?.cause instanceof Error)
    }
  discardLetters(here)
  t.deepEqual(leftovers(here), nothing)
})

test('a function may return any thenable, even one that breaks its contract', async (t) => {
  const thenables: readonly unknown[] = [
    { then: (resolve: () => void) => resolve() },
    {
      then: (resolve: () => void, reject: (error: unknown) => void) => {
        resolve()
        reject(new Error('twice'))
      },
    },
  ]
  const broken: readonly unknown[] = [
    {
      then: () => {
        throw new Error('then throws')
      },
    },
    Object.defineProperty({}, 'then', {
      get: () => {
        throw new Error('then is not to be had')
      },
    }),
  ]
  const app = defineApp('app', (app) =>
    app.fn<number>('f', ({ value }) => [...thenables, ...broken][value] as Promise<void>),
  )
  const here = await world(t, app)
  for (const at of thenables.keys())
    t.is((await here.runtime.invoke(app.handles, at).ended).outcome, 'succeeded')
  for (const at of broken.keys())
    t.is((await here.runtime.invoke(app.handles, thenables.length + at).ended).outcome, 'failed')
  discardLetters(here)
  t.deepEqual(leftovers(here), nothing)
})

test('an attempt that takes too long has failed, its signal aborts, and the next one begins', async (t) => {
  const reasons: unknown[] = []
  const app = defineApp('app', (app) =>
    app.fn(
      'slow',
      async (_fired, { attempt, signal, reply }) => {
        if (attempt === 2) return reply('second')
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        reasons.push(signal.reason)
        reply('first')
      },
      { timeoutMs: 50, retries: { max: 1, backoffMs: 10 } },
    ),
  )
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles, 1)
  await turns()
  here.clock.advance(50)
  await turns()
  t.true(StigmergyError.is(reasons[0], 'STG_FUNCTION_TIMEOUT'))
  here.clock.advance(10)
  t.is(await session.result, 'second')
  t.deepEqual(await session.ended, { outcome: 'succeeded' })
  t.deepEqual(leftovers(here), nothing)
})

test('after its last attempt a time-out is the failure of the session', async (t) => {
  const app = defineApp('app', (app) => app.fn('slow', () => new Promise(() => undefined), { timeoutMs: 50 }))
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles, 1)
  await turns()
  here.clock.advance(50)
  const { outcome, error } = await session.ended
  t.is(outcome, 'failed')
  t.true(StigmergyError.is(error, 'STG_FUNCTION_TIMEOUT'))
  discardLetters(here)
  t.deepEqual(leftovers(here), nothing)
})

test('what an attempt does after it was given up has no effect', async (t) => {
  const contexts: FunctionContext[] = []
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    const late = gate()
    const fn = app.fn(
      'slow',
      async (_fired, context) => {
        contexts.push(context)
        if (context.attempt === 1) await late.passed
        else await context.put(parts, 'known', 2)
      },
      { timeoutMs: 50, retries: { max: 1, backoffMs: 10 } },
    )
    parts.when(
      bySet({ keys: ['never'] }),
      app.fn<number>('join', () => undefined),
    )
    return { fn, parts, late }
  })
  const here = await world(t, app)
  const open = here.runtime.invoke(app.handles.fn, 1, { session: 's' })
  await turns()
  here.clock.advance(50)
  await turns()
  here.clock.advance(10)
  await until(() => here.runtime.stats.objects.put === 1)
  const [first] = contexts
  const { parts } = app.handles
  t.throws(() => first?.put(parts, 'other', 1), { code: 'STG_FUNCTION_FENCED' })
  t.throws(() => first?.closed(parts, { scope: 'items' }), { code: 'STG_FUNCTION_FENCED' })
  first?.reply('from the dead')
  t.is(await open.result, undefined)
  await open.ended
  t.throws(() => first?.put(parts, 'known', 2), { code: 'STG_FUNCTION_FENCED' })
})

test('a slow attempt that puts what a later one has put is told that it is a duplicate', async (t) => {
  const late = gate()
  const outcomes: string[] = []
  const app = defineApp('app', (app) => {
    const parts = app.bucket<string>('parts')
    const rest = gate()
    parts.when(
      immediate(),
      app.fn<string>('read', () => rest.passed),
    )
    return {
      rest,
      slow: app.fn(
        'slow',
        async (_fired, { put, attempt }) => {
          if (attempt === 1) await late.passed
          outcomes.push(`${attempt} ${await put(parts, undefined, `from ${attempt}`)}`)
        },
        { timeoutMs: 50, retries: { max: 1, backoffMs: 10 } },
      ),
    }
  })
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles.slow, 1)
  await turns()
  here.clock.advance(50)
  await turns()
  here.clock.advance(10)
  await until(() => outcomes.length === 1)
  late.open()
  await until(() => outcomes.length === 2)
  t.deepEqual(outcomes, ['2 admitted', '1 duplicate'])
  app.handles.rest.open()
  await session.ended
  t.is(here.runtime.stats.objects.put, 1)
  t.deepEqual(leftovers(here), nothing)
})

test('a put after the end of the function is refused', async (t) => {
  let kept: FunctionContext | undefined
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    const rest = gate()
    parts.when(
      immediate(),
      app.fn<number>('hold the session open', () => rest.passed),
    )
    return {
      parts,
      rest,
      fn: app.fn('f', async (_fired, context) => {
        kept = context
        await context.put(parts, 'a', 1)
      }),
    }
  })
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles.fn, 1)
  await turns()
  t.throws(() => kept?.put(app.handles.parts, 'b', 1), { code: 'STG_FUNCTION_FENCED', message: /over/ })
  app.handles.rest.open()
  await session.ended
})

test('no more runs of a function overlap than its concurrency allows, and all of them run', async (t) => {
  let running = 0
  let most = 0
  let ran = 0
  const app = defineApp('app', (app) => {
    const work = app.bucket<number>('work')
    work.when(
      immediate(),
      app.fn<number>(
        'work',
        async () => {
          running += 1
          most = Math.max(most, running)
          await turns(1)
          running -= 1
          ran += 1
        },
        { concurrency: 2 },
      ),
    )
    return app.fn('fan', (_fired, { put }) => {
      for (let n = 0; n < 20; n += 1) void put(work, undefined, n)
    })
  })
  const here = await world(t, app)
  await here.runtime.invoke(app.handles, 1).ended
  t.is(most, 2)
  t.is(ran, 20)
  t.deepEqual(leftovers(here), nothing)
})

test('runs that wait for their turn and are cancelled do not hold up those behind them', async (t) => {
  const rest = gate()
  const ran: number[] = []
  const app = defineApp('app', (app) =>
    app.fn<number>(
      'one at a time',
      async ({ value }) => {
        ran.push(value)
        if (value === 0) await rest.passed
      },
      { concurrency: 1 },
    ),
  )
  const here = await world(t, app)
  const sessions = [0, 1, 2, 3].map((n) => here.runtime.invoke(app.handles, n))
  await turns()
  sessions[1]?.cancel()
  sessions[2]?.cancel()
  rest.open()
  t.is((await sessions[3]?.ended)?.outcome, 'succeeded')
  t.deepEqual(ran, [0, 3])
  t.deepEqual(leftovers(here), nothing)
})

test('a session that is cancelled between two attempts leaves no timer', async (t) => {
  const app = defineApp('app', (app) =>
    app.fn(
      'flaky',
      () => {
        throw new Error('again')
      },
      { retries: { max: 5, backoffMs: 60_000 } },
    ),
  )
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles, 1)
  await turns()
  t.is(here.clock.armed, 1)
  session.cancel()
  await session.ended
  t.deepEqual(leftovers(here), nothing)
})

test('puts that the function did not wait for belong to it: it ends after them, and fails with them', async (t) => {
  const app = defineApp('app', (app) => {
    const parts = app.bucket<Uint8Array>('parts')
    const rest = gate()
    return {
      rest,
      big: app.fn('big', async (_fired, { put }) => {
        void put(parts, 'first', new Uint8Array(90))
        void put(parts, 'second', new Uint8Array(90))
      }),
    }
  })
  const here = await world(t, app, { store: { limitBytes: 100, waitMs: 500 } })
  const session = here.runtime.invoke(app.handles.big, 1)
  await turns()
  t.is(here.runtime.stats.invocations.running, 1)
  here.clock.advance(500)
  const { outcome, error } = await session.ended
  t.is(outcome, 'failed')
  t.true(StigmergyError.is(error?.cause, 'STG_STORE_FULL'))
  discardLetters(here)
  t.deepEqual(leftovers(here), nothing)
})

test('a put that fails while the function still runs is not lost, though nobody waits for it', async (t) => {
  const app = defineApp('app', (app) => {
    const parts = app.bucket<Uint8Array>('parts')
    const rest = gate()
    return {
      rest,
      big: app.fn('big', async (_fired, { put }) => {
        void put(parts, 'first', new Uint8Array(90))
        void put(parts, 'second', new Uint8Array(90))
        await rest.passed
      }),
    }
  })
  const here = await world(t, app, { store: { limitBytes: 100, waitMs: 500 } })
  const session = here.runtime.invoke(app.handles.big, 1)
  await turns()
  here.clock.advance(500)
  await turns()
  app.handles.rest.open()
  const { outcome } = await session.ended
  t.is(outcome, 'failed')
})

test('a put that fails and is provided for by the function does not fail it', async (t) => {
  const app = defineApp('app', (app) => {
    const parts = app.bucket<Uint8Array>('parts')
    return app.fn('big', async (_fired, { put }) => {
      await put(parts, 'first', new Uint8Array(90))
      await put(parts, 'second', new Uint8Array(90)).catch(() => undefined)
    })
  })
  const here = await world(t, app, { store: { limitBytes: 100, waitMs: 500 } })
  const session = here.runtime.invoke(app.handles, 1)
  await turns()
  here.clock.advance(500)
  t.is((await session.ended).outcome, 'succeeded')
})

test('a put that still waits for room when its attempt is given up is not made', async (t) => {
  const app = defineApp('app', (app) => {
    const parts = app.bucket<Uint8Array>('parts')
    parts.when(
      byBatchSize({ count: 100 }),
      app.fn<Uint8Array>('batch', () => undefined),
    )
    return {
      parts,
      big: app.fn('big', async (_fired, { put }) => void (await put(parts, 'late', new Uint8Array(90))), {
        timeoutMs: 50,
      }),
    }
  })
  const here = await world(t, app, { store: { limitBytes: 100, waitMs: 60_000 } })
  await here.runtime.put(app.handles.parts, 'full', new Uint8Array(90))
  const session = here.runtime.invoke(app.handles.big, 1)
  await turns()
  here.clock.advance(50)
  t.is((await session.ended).outcome, 'failed')
  here.runtime.bucket('parts').trigger('batch').flush()
  discardLetters(here)
  await until(() => here.store.usage.waiting === 0)
  await turns()
  t.is(here.runtime.stats.objects.put, 1)
  t.is(here.store.usage.objects, 0)
})

test('the methods of the context work when they are taken off it', async (t) => {
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    return app.fn<number, string>('f', async (fired, context) => {
      const { put, reply, closed, session, attempt, signal } = context
      await put(parts, 'k', fired.value)
      closed(parts, { scope: 'items' })
      reply(`${session} ${attempt} ${signal.aborted}`)
    })
  })
  const { runtime } = await world(t, app)
  t.is(await runtime.invoke(app.handles, 1, { session: 's' }).result, 's 1 false')
})

test('a firing of several objects has no single value', async (t) => {
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    parts.when(
      byBatchSize({ count: 2 }),
      app.fn<number>('pair', (fired) => {
        throw t.throws(() => fired.value, { instanceOf: TypeError, message: /with 2: use fired\.objects/ })
      }),
    )
    return { parts }
  })
  const here = await world(t, app)
  await here.runtime.put(app.handles.parts, 'a', 1)
  await here.runtime.put(app.handles.parts, 'b', 1)
  await until(() => ofType(here, 'function-ended').length === 1)
  discardLetters(here)
  t.deepEqual(leftovers(here), nothing)
})

test('an object that is kept beyond its session tells that it has been freed', async (t) => {
  let kept: { readonly value: number } | undefined
  const app = defineApp('app', (app) =>
    app.fn<number>('f', ({ objects }) => {
      kept = objects[0]
    }),
  )
  const { runtime } = await world(t, app)
  await runtime.invoke(app.handles, 1).ended
  t.throws(() => kept?.value, { code: 'STG_OBJECT_RELEASED' })
})

test('each attempt is told with its beginning and its end', async (t) => {
  const app = defineApp('app', (app) =>
    app.fn(
      'f',
      (_fired, { attempt }) => {
        if (attempt === 1) throw new Error('again')
      },
      { retries: { max: 1, backoffMs: 5 } },
    ),
  )
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles, 1, { session: 's' })
  await turns()
  here.clock.advance(5)
  await session.ended
  const told = here.events.map((event: RuntimeEvent) =>
    'attempt' in event ? `${event.type} ${event.attempt}` : event.type,
  )
  t.deepEqual(told, [
    'session-began',
    'function-started 1',
    'function-ended 1',
    'function-retried 1',
    'function-started 2',
    'function-ended 2',
    'session-ended',
  ])
})
