import test, { type ExecutionContext } from 'ava'
import {
  byBatchSize,
  bySet,
  byTime,
  defineApp,
  dynamicGroup,
  dynamicJoin,
  immediate,
  redundant,
  type SessionExplanation,
} from 'stigmergy'
import { gate, keys, turns, until, world, type World } from './world.js'

function says({ runtime }: World, session: string): string {
  return runtime.explain({ session }).says.join('; ')
}

test('a live session tells what runs, what waits and what its triggers await', async (t) => {
  const rest = gate()
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    parts.when(
      bySet({ keys: ['left', 'right'] }),
      app.fn<number>('join', () => undefined),
    )
    return app.fn('feed', async (_fired, { put }) => {
      await put(parts, 'left', 1)
      await rest.passed
    })
  })
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles, 1, { session: 's' })
  await turns()
  const explanation = here.runtime.explain({ session: 's' })
  t.like(explanation, { state: 'live', queued: 0 })
  t.like(explanation.running[0], { fn: 'feed', attempt: 1 })
  t.deepEqual(
    explanation.triggers.map(({ trigger, phase }) => [trigger, phase]),
    [['parts.join', 'open']],
  )
  t.deepEqual(keys(explanation.triggers[0]?.status.held ?? []), ['left'])
  t.deepEqual(explanation.triggers[0]?.status.awaiting, { keys: ['right'] })
  t.regex(says(here, 's'), /function feed runs.*parts\.join holds 1 objects? and fires when it gets right/)
  rest.open()
  await session.ended
})

test('a session that has ended tells how, and what its triggers did', async (t) => {
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    parts.when(
      bySet({ keys: ['left', 'right'] }),
      app.fn<number>('join', () => undefined),
    )
    return app.fn('feed', (_fired, { put }) => void put(parts, 'left', 1))
  })
  const here = await world(t, app)
  await here.runtime.invoke(app.handles, 1, { session: 's' }).ended
  const explanation: SessionExplanation = here.runtime.explain({ session: 's' })
  t.like(explanation, {
    state: 'over',
    end: { outcome: 'failed', error: { code: 'STG_TRIGGER_UNSATISFIED' } },
  })
  t.regex(says(here, 's'), /failed.*right/)
  const [trigger] = explanation.triggers
  t.is(trigger?.phase, 'over')
  t.deepEqual(
    trigger?.steps.map(({ event, outcome }) => `${event} ${outcome}`),
    ['object left held', 'closed session s succeeded ignored'],
  )
  t.deepEqual(trigger?.steps.at(-1)?.unsatisfied?.missing, ['right'])
})

test('sessions that nobody has heard of, or that ended long ago, are told apart', async (t) => {
  const app = defineApp('app', (app) => app.fn('noop', () => undefined))
  const here = await world(t, app, { limits: { maxExplained: 1 } })
  for (const session of ['a', 'b']) await here.runtime.invoke(app.handles, 1, { session }).ended
  t.deepEqual(
    ['a', 'b', 'c'].map((session) => here.runtime.explain({ session }).state),
    ['over', 'over', 'unknown'],
  )
  t.deepEqual(
    ['a', 'b'].map((session) => here.runtime.explain({ session }).end?.outcome),
    [undefined, 'succeeded'],
  )
})

test('of ended sessions with many partitions fewer are kept, and always the last', async (t) => {
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    parts.when(
      byBatchSize({ count: 1 }),
      app.fn('noop', () => undefined),
      { scope: 'session', partitionBy: ({ key }) => key },
    )
    return app.fn<number>('spread', async ({ value }, { put }) => {
      for (let part = 0; part < value; part += 1) await put(parts, `${part}`, part)
    })
  })
  const here = await world(t, app)
  const kept = async (session: string, partitions: number): Promise<readonly string[]> => {
    await here.runtime.invoke(app.handles, partitions, { session }).ended
    return ['a', 'b', 'c', 'd'].filter((id) => here.runtime.explain({ session: id }).triggers.length > 0)
  }
  t.deepEqual(await kept('a', 600), ['a'])
  t.deepEqual(await kept('b', 400), ['a', 'b'])
  t.deepEqual(await kept('c', 1), ['b', 'c'])
  t.deepEqual(await kept('d', 2_000), ['d'])
})

test('what is to be explained has to be said, and triggers have to be there', async (t) => {
  const app = defineApp('app', () => undefined)
  const { runtime } = await world(t, app)
  t.throws(() => runtime.explain({} as never), { instanceOf: TypeError, message: /trigger.*session/ })
  t.throws(() => runtime.explain(undefined as never), { instanceOf: TypeError })
  t.throws(() => runtime.explain({ trigger: 'parts.join' }), {
    code: 'STG_TRIGGER_UNKNOWN',
    message: /parts\.join/,
  })
})

test('triggers of one id in two apps are both explained', async (t) => {
  const appOf = (name: string) =>
    defineApp(name, (app) => {
      const events = app.bucket<number>('events')
      events.when(
        byBatchSize({ count: 2 }),
        app.fn<number>('batch', () => undefined),
      )
      return { events }
    })
  const [one, two] = [appOf('one'), appOf('two')]
  const here = await world(t, [one, two])
  await here.runtime.put(one.handles.events, 'a', 1)
  await here.runtime.put(two.handles.events, 'b', 1)
  const held = here.runtime.explain({ trigger: 'events.batch' }).map(({ status }) => keys(status.held))
  t.deepEqual(held, [['a'], ['b']])
})

test('a bucket and a trigger whose names contain dots are not confused with others', async (t) => {
  const app = defineApp('app', (app) => {
    const fn = app.fn<number>('f', () => undefined)
    const [one, two] = [app.bucket<number>('a.b'), app.bucket<number>('a')]
    one.when(byBatchSize({ count: 2 }), fn, { name: 'c' })
    two.when(byBatchSize({ count: 2 }), fn, { name: 'b.c' })
    return { one, two }
  })
  const here = await world(t, app)
  const ids = ['a.b', 'a'].flatMap((name) => here.runtime.bucket(name).triggers.map(({ id }) => id))
  t.is(new Set(ids).size, 2)
  await here.runtime.put(app.handles.one, 'k', 1)
  t.deepEqual(
    ids.map((trigger) => here.runtime.explain({ trigger }).length),
    [1, 0],
  )
})

test('partitions are explained by their name', async (t) => {
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      byBatchSize({ count: 2 }),
      app.fn<number>('batch', () => undefined),
      {
        partitionBy: ({ value }) => (value % 2 === 0 ? 'even' : 'odd'),
      },
    )
    return { events }
  })
  const here = await world(t, app)
  for (const value of [1, 2, 4]) await here.runtime.put(app.handles.events, `k${value}`, value)
  const [odd] = here.runtime.explain({ trigger: 'events.batch', by: 'odd' })
  t.deepEqual(keys(odd?.status.held ?? []), ['k1'])
  t.deepEqual(odd?.status.awaiting, { count: 1 })
  t.is(here.runtime.explain({ trigger: 'events.batch' }).length, 2)
})

test('a paused trigger says so, and a timer says when it rings', async (t) => {
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      byTime({ every: 100 }),
      app.fn<number>('sum', () => undefined),
    )
    return { events }
  })
  const here = await world(t, app)
  await here.runtime.put(app.handles.events, 'a', 1)
  const [open] = here.runtime.explain({ trigger: 'events.sum' })
  t.deepEqual(open?.timers, { period: 1_100 })
  t.deepEqual(open?.status.awaiting, { until: 1_100 })
  here.runtime.bucket('events').trigger('sum').pause()
  const [paused] = here.runtime.explain({ trigger: 'events.sum' })
  t.is(paused?.phase, 'paused')
  t.regex(paused?.says.join() ?? '', /paused/)
})

test('a round that ended by its deadline can be told afterwards, with what it fired', async (t) => {
  for (const onDeadline of ['partial', 'discard', 'fail'] as const) {
    const app = defineApp('app', (app) => {
      const parts = app.bucket<number>('parts')
      parts.when(
        bySet({ keys: ['left', 'right'] }),
        app.fn<number>('join', () => undefined),
        {
          deadline: 50,
          onDeadline,
          scope: 'bucket',
        },
      )
      return { parts }
    })
    const here = await world(t, app)
    await here.runtime.put(app.handles.parts, 'left', 1)
    here.clock.advance(50)
    await turns()
    const [explanation] = here.runtime.explain({ trigger: 'parts.join' })
    const last = explanation?.steps.at(-1)
    t.is(last?.event, 'deadline')
    if (onDeadline === 'partial') t.deepEqual(last?.fired, [['left']])
    if (onDeadline === 'discard') t.deepEqual(last?.disposed, [{ key: 'left', reason: 'unmatched' }])
    if (onDeadline === 'fail') t.is(last?.unsatisfied?.reason, 'deadline')
    t.deepEqual(explanation?.status.held, [])
  }
})

/** What every primitive says before the last thing happens that makes it fire, and after it. */
const stories: Record<
  string,
  (t: ExecutionContext) => Promise<readonly [World, string, () => unknown, RegExp]>
> = {
  async immediate(t) {
    const app = defineApp('app', (app) => {
      const events = app.bucket<number>('events')
      events.when(
        immediate(),
        app.fn<number>('go', () => undefined),
      )
      return { events }
    })
    const here = await world(t, app)
    await here.runtime.put(app.handles.events, 'first', 1)
    return [here, 'events.go', () => here.runtime.put(app.handles.events, 'last', 1), /1 more object/]
  },
  async 'by-set'(t) {
    const app = defineApp('app', (app) => {
      const parts = app.bucket<number>('parts')
      parts.when(
        bySet({ keys: ['a', 'b'] }),
        app.fn<number>('go', () => undefined),
      )
      return { parts }
    })
    const here = await world(t, app)
    const session = here.runtime.session()
    await session.put(app.handles.parts, 'b', 1)
    return [here, 'parts.go', () => session.put(app.handles.parts, 'a', 1), /gets a/]
  },
  async 'by-batch-size'(t) {
    const app = defineApp('app', (app) => {
      const events = app.bucket<number>('events')
      events.when(
        byBatchSize({ count: 3 }),
        app.fn<number>('go', () => undefined),
      )
      return { events }
    })
    const here = await world(t, app)
    for (const key of ['a', 'b']) await here.runtime.put(app.handles.events, key, 1)
    return [here, 'events.go', () => here.runtime.put(app.handles.events, 'c', 1), /1 more object/]
  },
  async 'by-time'(t) {
    const app = defineApp('app', (app) => {
      const events = app.bucket<number>('events')
      events.when(
        byTime({ every: 100 }),
        app.fn<number>('go', () => undefined),
      )
      return { events }
    })
    const here = await world(t, app)
    await here.runtime.put(app.handles.events, 'a', 1)
    return [here, 'events.go', () => here.clock.advance(100), /1970-01-01T00:00:01\.100Z/]
  },
  async redundant(t) {
    const app = defineApp('app', (app) => {
      const events = app.bucket<number>('events')
      events.when(
        redundant({ k: 2, n: 3 }),
        app.fn<number>('go', () => undefined),
      )
      return { events }
    })
    const here = await world(t, app)
    const session = here.runtime.session()
    await session.put(app.handles.events, 'a', 1)
    return [here, 'events.go', () => session.put(app.handles.events, 'b', 1), /1 more object/]
  },
  async 'dynamic-join'(t) {
    const app = defineApp('app', (app) => {
      const items = app.bucket<number>('items')
      const work = app.fn<number>('work', ({ value }, { put }) => void put(items, `result ${value}`, value))
      items.when(
        dynamicJoin({ parallel: work }),
        app.fn<number>('go', () => undefined),
      )
      return { items }
    })
    const here = await world(t, app)
    const session = here.runtime.session()
    await session.put(app.handles.items, 'a', 1, { role: 'item' })
    await turns()
    return [here, 'items.go', () => session.closed(app.handles.items, { scope: 'items' }), /the end of items/]
  },
  async 'dynamic-group'(t) {
    const app = defineApp('app', (app) => {
      const words = app.bucket<number>('words')
      words.when(
        dynamicGroup({ producers: ['p', 'q'] }),
        app.fn<number>('go', () => undefined),
      )
      return { words }
    })
    const here = await world(t, app)
    const session = here.runtime.session()
    const { words } = app.handles
    await session.put(words, 'a', 1, { group: 'g', producer: 'p' })
    session.closed(words, { scope: 'producer', name: 'p' })
    return [here, 'words.go', () => session.closed(words, { scope: 'producer', name: 'q' }), /the end of q/]
  },
}

for (const [primitive, story] of Object.entries(stories))
  test(`${primitive} says what it waits for, and has fired when that has come`, async (t) => {
    const [here, trigger, last, awaited] = await story(t)
    const [before] = here.runtime.explain({ trigger })
    t.regex(before?.says.join() ?? '', awaited)
    const fired = here.runtime.bucket(trigger.split('.')[0] ?? '').trigger('go').ledger.fired
    await last()
    await until(() => here.runtime.bucket(trigger.split('.')[0] ?? '').trigger('go').ledger.fired > fired)
    const [after] = here.runtime.explain({ trigger })
    t.is(after?.steps.at(-1)?.outcome, 'fired')
    t.deepEqual(after?.status.held, [])
  })
