import test, { type ExecutionContext } from 'ava'
import {
  byBatchSize,
  bySet,
  defineApp,
  dynamicGroup,
  dynamicJoin,
  type Firing,
  immediate,
  type ObjectRef,
  primitive,
  redundant,
  type RunningTrigger,
  StigmergyError,
  type StandardSchemaV1,
  Trigger,
  trigger,
  type TriggerContext,
  type TriggerOptions,
} from 'stigmergy'
import { gate, keys, leftovers, nothing, ofType, turns, until, world, type World } from './world.js'

const anyOptions: StandardSchemaV1<unknown, object> = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as object }) },
}

/** Holds what comes until it is flushed; what its hooks do besides is the test's affair. */
@primitive({ name: 'hold', scope: 'bucket', stateVersion: 1, options: anyOptions, onSessionEnd: 'flush' })
class Hold extends Trigger<object, { held: ObjectRef[] }> {
  initialState() {
    return { held: [] as ObjectRef[] }
  }

  onObject(state: { held: ObjectRef[] }, object: ObjectRef): readonly Firing[] {
    state.held.push(object)
    return []
  }

  override onFlush(state: { held: ObjectRef[] }): readonly Firing[] {
    return state.held.length === 0 ? [] : [{ objects: state.held.splice(0), partial: true }]
  }

  override onEvict(state: { held: ObjectRef[] }, { seq }: ObjectRef): void {
    state.held = state.held.filter((object) => object.seq !== seq)
  }

  describe(state: { held: ObjectRef[] }) {
    return { held: state.held, awaiting: {} }
  }
}

function balances({ ledger }: RunningTrigger): boolean {
  const disposed = Object.values(ledger.disposed).reduce((sum, count) => sum + count, 0)
  return ledger.admitted === ledger.fired + disposed + ledger.pending
}

/** A bucket of numbers with one trigger that holds what comes. */
function holding(options: TriggerOptions<number> = {}) {
  const seen: (readonly number[])[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      trigger(Hold, {}),
      app.fn<number>('take', ({ objects }) => void seen.push(objects.map(({ value }) => value))),
      options,
    )
    return { events }
  })
  return { app, seen }
}

async function start(t: ExecutionContext, options: TriggerOptions<number> = {}) {
  const { app, seen } = holding(options)
  const here = await world(t, app, { primitives: [Hold] })
  const put = (value: number) => here.runtime.put(app.handles.events, `k${value}`, value)
  return { here, seen, put, trigger: here.runtime.bucket('events').trigger('take') }
}

test('a full trigger that rejects tells the producer, and nothing was admitted', async (t) => {
  const { here, put, trigger } = await start(t, { maxPending: 2 })
  await put(1)
  await put(2)
  const error = await t.throwsAsync(put(3), { code: 'STG_TRIGGER_BUSY', message: /events\.take.*maxPending/ })
  t.true(StigmergyError.is(error) && error.retryable)
  t.deepEqual(trigger.ledger, { admitted: 2, fired: 0, pending: 2, disposed: {} })
  t.is(here.store.usage.objects, 2)
  trigger.flush()
  t.is(await put(3), 'admitted')
})

test('a put that one of several triggers refuses leaves no trace in any of them', async (t) => {
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    const take = app.fn<number>('take', () => undefined)
    events.when(trigger(Hold, {}), take, { name: 'drops', maxPending: 1, onOverflow: 'dropOldest' })
    events.when(trigger(Hold, {}), take, { name: 'rejects', maxPending: 1 })
    return { events }
  })
  const here = await world(t, app, { primitives: [Hold] })
  await here.runtime.put(app.handles.events, 'a', 1)
  await t.throwsAsync(here.runtime.put(app.handles.events, 'b', 2), { code: 'STG_TRIGGER_BUSY' })
  const [drops, rejects] = here.runtime.bucket('events').triggers
  t.deepEqual(drops?.ledger, { admitted: 1, fired: 0, pending: 1, disposed: {} })
  t.deepEqual(rejects?.ledger, { admitted: 1, fired: 0, pending: 1, disposed: {} })
  t.is(here.store.usage.objects, 1)
})

test('a full trigger that fires early makes room by firing what it holds', async (t) => {
  const { here, put, seen, trigger } = await start(t, { maxPending: 2, onOverflow: 'fireEarly' })
  for (const value of [1, 2, 3]) await put(value)
  await turns()
  t.deepEqual(seen, [[1, 2]])
  t.is(trigger.ledger.pending, 1)
  t.true(balances(trigger))
  trigger.flush()
  await turns()
  t.deepEqual(leftovers(here), nothing)
})

test('a full trigger that drops the oldest lets it go and counts it', async (t) => {
  const { here, put, seen, trigger } = await start(t, { maxPending: 2, onOverflow: 'dropOldest' })
  for (const value of [1, 2, 3, 4]) await put(value)
  t.deepEqual(trigger.ledger, { admitted: 4, fired: 0, pending: 2, disposed: { overflow: 2 } })
  t.is(here.store.usage.objects, 2)
  trigger.flush()
  await turns()
  t.deepEqual(seen, [[3, 4]])
  t.deepEqual(leftovers(here), nothing)
})

test('a full trigger that drops the newest keeps what it holds and counts the other', async (t) => {
  const { here, put, seen, trigger } = await start(t, { maxPending: 2, onOverflow: 'dropNewest' })
  for (const value of [1, 2, 3]) t.is(await put(value), 'admitted')
  t.deepEqual(trigger.ledger, { admitted: 3, fired: 0, pending: 2, disposed: { overflow: 1 } })
  trigger.flush()
  await turns()
  t.deepEqual(seen, [[1, 2]])
  t.deepEqual(leftovers(here), nothing)
})

test('a trigger is full by bytes too, but one object alone may exceed them', async (t) => {
  const { put, trigger } = await start(t, { maxPendingBytes: 4 })
  await put(1)
  await t.throwsAsync(put(2), { code: 'STG_TRIGGER_BUSY' })
  t.is(trigger.ledger.pending, 1)
})

test('a paused trigger that is full rejects, whatever its policy', async (t) => {
  const { here, put, seen, trigger } = await start(t, { maxPending: 1, onOverflow: 'dropOldest' })
  trigger.pause()
  await put(1)
  await t.throwsAsync(put(2), { code: 'STG_TRIGGER_BUSY' })
  trigger.resume()
  t.is(await put(2), 'admitted')
  trigger.flush()
  await turns()
  t.deepEqual(seen, [[2]])
  t.true(balances(trigger))
  t.deepEqual(leftovers(here), nothing)
})

test('partitions are bounded: those that are as good as new are forgotten, others stand in the way', async (t) => {
  const { here, put, trigger } = await start(t, {
    partitionBy: ({ value }) => String(value),
    maxPartitions: 3,
  })
  for (const value of [1, 2, 3]) await put(value)
  await t.throwsAsync(put(4), { code: 'STG_TRIGGER_BUSY', message: /maxPartitions/ })
  trigger.flush()
  await turns()
  for (const value of [4, 5, 6]) t.is(await put(value), 'admitted')
  t.is(trigger.partitions, 3)
  trigger.flush()
  await turns()
  t.deepEqual(leftovers(here), nothing)
})

test('a partition that was forgotten and comes back repeats no firing', async (t) => {
  const ids: string[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      byBatchSize({ count: 1 }),
      app.fn<number>('take', ({ id }) => void ids.push(id)),
      {
        partitionBy: ({ value }) => String(value),
        maxPartitions: 2,
      },
    )
    return { events }
  })
  const { runtime } = await world(t, app)
  for (const value of [1, 2, 3, 1, 2, 3, 1, 1, 2]) await runtime.put(app.handles.events, undefined, value)
  await until(() => ids.length === 9)
  t.is(new Set(ids).size, 9)
})

test('objects that no filter wants are counted, and their values are not kept', async (t) => {
  const { here, put, trigger } = await start(t, { filter: ({ value }) => value % 2 === 0 })
  for (const value of [1, 2, 3]) await put(value)
  t.deepEqual(trigger.ledger, { admitted: 3, fired: 0, pending: 1, disposed: { filtered: 2 } })
  t.is(here.store.usage.objects, 1)
})

for (const [what, options] of Object.entries<TriggerOptions<number>>({
  filter: {
    filter: ({ value }) => {
      if (value === 2) throw new Error('no filter for two')
      return true
    },
  },
  partitionBy: {
    partitionBy: ({ value }) => {
      if (value === 2) throw new Error('no partition for two')
      return 'x'
    },
  },
}))
  test(`a ${what} that throws harms its object only, and is told`, async (t) => {
    const { here, put, trigger } = await start(t, options)
    for (const value of [1, 2, 3]) t.is(await put(value), 'admitted')
    t.deepEqual(trigger.ledger, { admitted: 3, fired: 0, pending: 2, disposed: { fault: 1 } })
    t.regex(ofType(here, 'trigger-faulted')[0]?.error.message ?? '', /for two/)
    trigger.flush()
    await turns()
    t.deepEqual(leftovers(here), nothing)
  })

test('an object without a partition is at fault, and not put together with others like it', async (t) => {
  const { trigger, put } = await start(t, {
    partitionBy: ({ value }) => (value === 1 ? undefined : 'x') as unknown as string,
  })
  for (const value of [1, 2]) await put(value)
  t.deepEqual(trigger.ledger.disposed, { fault: 1 })
  t.is(trigger.partitions, 1)
})

test('the objects of a firing come in the order that is asked for', async (t) => {
  const seen: Record<string, readonly string[]> = {}
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    for (const order of ['declared', 'arrival', 'key', 'eventTime'] as const)
      events.when(
        bySet({ keys: ['z', 'é', 'a', '😀', '\uff5e'] }),
        app.fn<number>(order, ({ objects }) => {
          seen[order] = keys(objects)
        }),
        { order },
      )
    return { events }
  })
  const here = await world(t, app)
  const session = here.runtime.session()
  for (const [et, key] of ['😀', 'a', '\uff5e', 'z', 'é'].entries())
    await session.put(app.handles.events, key, 1, { et: 100 - et })
  await turns()
  t.deepEqual(seen, {
    declared: ['z', 'é', 'a', '😀', '\uff5e'],
    arrival: ['😀', 'a', '\uff5e', 'z', 'é'],
    // Bytewise as UTF-8: U+FF5E stands before U+1F600, although its UTF-16 units stand behind.
    key: ['a', 'z', 'é', '\uff5e', '😀'],
    eventTime: ['é', 'z', '\uff5e', 'a', '😀'],
  })
})

test('serial firings of a partition run one at a time and in their order', async (t) => {
  const order: string[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<string>('events')
    events.when(
      immediate({ ordered: true }),
      app.fn<string>('work', async ({ value }) => {
        order.push(`${value} begins`)
        await turns(1)
        order.push(`${value} ends`)
      }),
    )
    return { events }
  })
  const here = await world(t, app)
  for (const value of ['a', 'b', 'c']) await here.runtime.put(app.handles.events, undefined, value)
  await until(() => order.length === 6)
  t.deepEqual(order, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  await until(() => here.runtime.stats.sessions.live === 0)
  t.deepEqual(leftovers(here), nothing)
})

test('cancelling a serial firing that waits does not let another one overtake', async (t) => {
  const gates = { a: gate(), b: gate(), c: gate() }
  const began: string[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<'a' | 'b' | 'c'>('events')
    events.when(
      immediate({ ordered: true }),
      app.fn<'a' | 'b' | 'c'>('work', async ({ value }) => {
        began.push(value)
        await gates[value].passed
      }),
    )
    return { events }
  })
  const here = await world(t, app)
  const sessions = { a: here.runtime.session(), b: here.runtime.session(), c: here.runtime.session() }
  for (const value of ['a', 'b', 'c'] as const) await sessions[value].put(app.handles.events, value, value)
  await turns()
  sessions.b.cancel()
  await turns()
  t.deepEqual(began, ['a'])
  gates.a.open()
  await until(() => began.length === 2)
  t.deepEqual(began, ['a', 'c'])
  gates.c.open()
  await Promise.all([sessions.a.end(), sessions.c.end()])
  t.deepEqual(leftovers(here), nothing)
})

test('a partition with a serial firing under way is not forgotten', async (t) => {
  const gates = [gate(), gate()]
  const began: number[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      immediate({ ordered: true }),
      app.fn<number>('work', async ({ value }) => {
        began.push(value)
        await gates[value]?.passed
      }),
      { partitionBy: ({ value }) => (value < 2 ? 'same' : String(value)), maxPartitions: 2 },
    )
    return { events }
  })
  const here = await world(t, app)
  const put = (value: number) => here.runtime.put(app.handles.events, undefined, value)
  await put(0)
  for (const value of [2, 3, 4]) {
    await put(value)
    await turns()
  }
  await put(1)
  await turns()
  t.deepEqual(began, [0, 2, 3, 4])
  gates[0]?.open()
  await until(() => began.includes(1))
  gates[1]?.open()
  await until(() => here.runtime.stats.sessions.live === 0)
})

for (const hook of ['onObject', 'onFlush', 'onClosed', 'onTimer', 'onEvict', 'describe'] as const)
  test(`a primitive whose ${hook} throws halts its partition, tells why, and goes on when it is resumed`, async (t) => {
    let broken = true
    @primitive({ name: 'fragile', scope: 'bucket', stateVersion: 1, options: anyOptions })
    class Fragile extends Hold {
      override onObject(state: { held: ObjectRef[] }, object: ObjectRef, ctx?: TriggerContext) {
        if (hook === 'onObject' && broken && object.key === 'bad') throw new Error('onObject broke')
        if (hook === 'onTimer') ctx?.timers.set('soon', ctx.now + 10)
        return super.onObject(state, object)
      }
      override onFlush(state: { held: ObjectRef[] }) {
        if (hook === 'onFlush' && broken) throw new Error('onFlush broke')
        return super.onFlush(state)
      }
      override onClosed(state: { held: ObjectRef[] }) {
        if (hook === 'onClosed' && broken) throw new Error('onClosed broke')
        return super.onFlush(state)
      }
      override onTimer(state: { held: ObjectRef[] }) {
        if (broken) throw new Error('onTimer broke')
        return super.onFlush(state)
      }
      override onEvict(state: { held: ObjectRef[] }, object: ObjectRef) {
        if (hook === 'onEvict' && broken) throw new Error('onEvict broke')
        super.onEvict(state, object)
      }
      override describe(state: { held: ObjectRef[] }) {
        if (hook === 'describe' && broken) throw new Error('describe broke')
        return super.describe(state)
      }
    }
    const seen: number[] = []
    const app = defineApp('app', (app) => {
      const events = app.bucket<number>('events')
      events.when(
        trigger(Fragile, {}),
        app.fn<number>('take', ({ objects }) => void seen.push(objects.length)),
        {
          ...(hook === 'onEvict' ? { maxPending: 2, onOverflow: 'dropOldest' } : {}),
          ...(hook === 'describe' ? { deadline: 10, onDeadline: 'partial' } : {}),
        },
      )
      return { events }
    })
    const here = await world(t, app, { primitives: [Fragile] })
    const { runtime, clock } = here
    const handle = runtime.bucket('events').trigger('take')
    await runtime.put(app.handles.events, 'good', 1)
    await runtime.put(app.handles.events, 'bad', 2)
    if (hook === 'onFlush') handle.flush()
    if (hook === 'onClosed') runtime.closed('events', { scope: 'items' })
    if (hook === 'onTimer' || hook === 'describe') clock.advance(10)
    if (hook === 'onEvict')
      await t.throwsAsync(runtime.put(app.handles.events, 'third', 3), { code: 'STG_TRIGGER_BUSY' })
    const [fault] = ofType(here, 'trigger-faulted')
    t.is(fault?.error.code, 'STG_TRIGGER_FAULT')
    t.regex(fault?.error.message ?? '', new RegExp(`${hook} broke`))
    t.is(runtime.explain({ trigger: 'events.take' })[0]?.phase, 'halted')
    t.true(balances(handle))
    // Others go on while it has halted.
    t.is(await runtime.put(runtime.createBucket('other'), 'x', 1), 'admitted')
    broken = false
    handle.resume()
    if (hook === 'onEvict') t.is(await runtime.put(app.handles.events, 'third', 3), 'admitted')
    handle.flush()
    await until(() => seen.length === 1)
    t.deepEqual(seen, [2])
    t.true(balances(handle))
    await until(() => here.store.usage.objects === 0)
    t.deepEqual(leftovers(here), nothing)
  })

test('a fault in a session fails that session and no other', async (t) => {
  @primitive({ name: 'fragile', scope: 'session', stateVersion: 1, options: anyOptions })
  class Fragile extends Hold {
    override onObject(state: { held: ObjectRef[] }, object: ObjectRef) {
      if (object.key === 'bad') throw new Error('broke')
      return super.onObject(state, object)
    }
  }
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      trigger(Fragile, {}),
      app.fn<number>('take', () => undefined),
    )
    return { events, feed: app.fn<string>('feed', ({ value }, { put }) => void put(events, value, 1)) }
  })
  const here = await world(t, app, { primitives: [Fragile] })
  const { outcome, error } = await here.runtime.invoke(app.handles.feed, 'bad').ended
  t.is(outcome, 'failed')
  t.true(StigmergyError.is(error, 'STG_TRIGGER_FAULT'))
  t.is((await here.runtime.invoke(app.handles.feed, 'good').ended).outcome, 'succeeded')
  t.deepEqual(leftovers(here), nothing)
})

test('a context that a primitive has kept does nothing after the hook, to no trigger', async (t) => {
  let kept: TriggerContext | undefined
  @primitive({ name: 'keeping', scope: 'bucket', stateVersion: 1, options: anyOptions })
  class Keeping extends Hold {
    override onObject(state: { held: ObjectRef[] }, object: ObjectRef, ctx?: TriggerContext) {
      kept ??= ctx
      return super.onObject(state, object)
    }
  }
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    const others = app.bucket<number>('others')
    const take = app.fn<number>('take', () => undefined)
    events.when(trigger(Keeping, {}), take)
    others.when(immediate(), take)
    return { events, others }
  })
  const here = await world(t, app, { primitives: [Keeping] })
  await here.runtime.put(app.handles.events, 'a', 1)
  const [held] = here.runtime.explain({ trigger: 'events.take' })[0]!.status.held
  for (const use of [
    (ctx: TriggerContext) => ctx.dispose(held!, 'unmatched'),
    (ctx: TriggerContext) => ctx.release(held!),
    (ctx: TriggerContext) => ctx.absorb(),
    (ctx: TriggerContext) => ctx.cancel({ tag: 'any' }),
    (ctx: TriggerContext) => ctx.timers.set('any', 1),
    (ctx: TriggerContext) => ctx.timers.clear('any'),
    (ctx: TriggerContext) => ctx.random(),
  ])
    t.throws(() => use(kept!), { instanceOf: TypeError, message: /valid during the hook only/ })
  await here.runtime.put(app.handles.others, 'b', 2)
  t.deepEqual(here.runtime.bucket('others').trigger('take').ledger, {
    admitted: 1,
    fired: 1,
    pending: 0,
    disposed: {},
  })
})

test('with onFault skip the object is disposed and the partition goes on', async (t) => {
  @primitive({ name: 'fragile', scope: 'bucket', stateVersion: 1, options: anyOptions })
  class Fragile extends Hold {
    override onObject(state: { held: ObjectRef[] }, object: ObjectRef) {
      super.onObject(state, object)
      if (object.key === 'bad') throw new Error('broke')
      return []
    }
  }
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      trigger(Fragile, {}),
      app.fn<number>('take', () => undefined),
      { onFault: 'skip' },
    )
    return { events }
  })
  const here = await world(t, app, { primitives: [Fragile] })
  for (const key of ['a', 'bad', 'b']) await here.runtime.put(app.handles.events, key, 1)
  const handle = here.runtime.bucket('events').trigger('take')
  t.deepEqual(handle.ledger, { admitted: 3, fired: 0, pending: 2, disposed: { fault: 1 } })
  const status = here.runtime.explain({ trigger: 'events.take' })[0]?.status
  t.deepEqual(keys(status?.held ?? []), ['a', 'b'])
  handle.flush()
  await turns()
  t.deepEqual(leftovers(here), nothing)
})

test('a primitive that always throws, even on what it took before, loses its state but harms nobody else', async (t) => {
  let broken = false
  @primitive({ name: 'rotten', scope: 'bucket', stateVersion: 1, options: anyOptions })
  class Rotten extends Hold {
    override onObject(state: { held: ObjectRef[] }, object: ObjectRef) {
      if (broken) throw new Error('rotten')
      return super.onObject(state, object)
    }
  }
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      trigger(Rotten, {}),
      app.fn<number>('take', () => undefined),
      { onFault: 'skip' },
    )
    return { events }
  })
  const here = await world(t, app, { primitives: [Rotten] })
  await here.runtime.put(app.handles.events, 'a', 1)
  broken = true
  t.is(await here.runtime.put(app.handles.events, 'b', 1), 'admitted')
  const handle = here.runtime.bucket('events').trigger('take')
  t.true(balances(handle))
  t.is(ofType(here, 'trigger-faulted').length, 1)
  broken = false
  t.is(await here.runtime.put(app.handles.events, 'c', 1), 'admitted')
  handle.flush()
  await turns()
  t.true(balances(handle))
  t.deepEqual(leftovers(here), nothing)
})

test('a primitive whose initialState throws gets nothing, fails the sessions that wait for it, and leaves nothing', async (t) => {
  @primitive({ name: 'unborn', scope: 'session', stateVersion: 1, options: anyOptions })
  class Unborn extends Hold {
    override initialState(): { held: ObjectRef[] } {
      throw new Error('unborn')
    }
    override onClosed(): readonly Firing[] {
      return []
    }
  }
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      trigger(Unborn, {}),
      app.fn<number>('take', () => undefined),
    )
    return {
      events,
      idle: app.fn('idle', () => undefined, { puts: [events] }),
      fine: app.fn('fine', () => undefined),
    }
  })
  const here = await world(t, app, { primitives: [Unborn] })
  const { runtime } = here
  t.is(await runtime.put(app.handles.events, 'a', 1), 'admitted')
  t.regex(ofType(here, 'trigger-faulted')[0]?.error.message ?? '', /events\.take.*unborn/)
  t.deepEqual(runtime.bucket('events').trigger('take').ledger.disposed, { fault: 1 })
  t.is((await runtime.invoke(app.handles.idle, 1).ended).outcome, 'failed')
  t.is((await runtime.invoke(app.handles.fine, 1).ended).outcome, 'succeeded')
  for (const { id } of runtime.deadLetters.list()) runtime.deadLetters.discard(id)
  t.deepEqual(leftovers(here), nothing)
})

test('a primitive that has no new state to give halts, and the end of its session is not in its way', async (t) => {
  let broken = false
  @primitive({ name: 'barren', scope: 'session', stateVersion: 1, options: anyOptions })
  class Barren extends Hold {
    override initialState(): { held: ObjectRef[] } {
      if (broken) throw new Error('barren')
      return super.initialState()
    }
    override onClosed(): readonly Firing[] {
      return []
    }
  }
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      trigger(Barren, {}),
      app.fn<number>('take', () => undefined),
    )
    return { events }
  })
  const here = await world(t, app, { primitives: [Barren] })
  const take = here.runtime.bucket('events').trigger('take')
  const ended = here.runtime.session()
  const reset = here.runtime.session()
  for (const session of [ended, reset]) await session.put(app.handles.events, 'a', 1)
  broken = true
  t.is((await ended.end()).outcome, 'succeeded')
  take.reset()
  t.is((await reset.ended).outcome, 'failed')
  t.true(balances(take))
  t.true(ofType(here, 'trigger-faulted').length > 0)
  t.deepEqual(leftovers(here), nothing)
})

test('a partition arms 10,000 timers at most, over all its steps; one more is a fault', async (t) => {
  @primitive({ name: 'alarmed', scope: 'bucket', stateVersion: 1, options: anyOptions })
  class Alarmed extends Hold {
    override onObject(state: { held: ObjectRef[] }, object: ObjectRef, ctx?: TriggerContext) {
      for (let n = 0; n < 4_000; n += 1) ctx?.timers.set(`${object.key} ${n}`, ctx.now + 10)
      return super.onObject(state, object)
    }
  }
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      trigger(Alarmed, {}),
      app.fn<number>('take', () => undefined),
      { onFault: 'skip' },
    )
    return { events }
  })
  const here = await world(t, app, { primitives: [Alarmed] })
  for (const key of ['a', 'b', 'c']) await here.runtime.put(app.handles.events, key, 1)
  t.regex(ofType(here, 'trigger-faulted')[0]?.error.message ?? '', /more than 10000 timers/)
  t.deepEqual(here.runtime.bucket('events').trigger('take').ledger.disposed, { fault: 1 })
  const [explanation] = here.runtime.explain({ trigger: 'events.take' })
  t.is(Object.keys(explanation?.timers ?? {}).length, 8_000)
})

test('flushes and watermarks that a paused trigger is asked for again and again do not pile up', async (t) => {
  const reached: number[] = []
  let flushes = 0
  @primitive({ name: 'patient', scope: 'bucket', stateVersion: 1, options: anyOptions })
  class Patient extends Hold {
    override onWatermark(_state: { held: ObjectRef[] }, atMs: number): readonly Firing[] {
      reached.push(atMs)
      return []
    }
    override onFlush(state: { held: ObjectRef[] }): readonly Firing[] {
      flushes += 1
      return super.onFlush(state)
    }
  }
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      trigger(Patient, {}),
      app.fn<number>('take', () => undefined),
    )
    return { events }
  })
  const { runtime } = await world(t, app, { primitives: [Patient] })
  await runtime.put(app.handles.events, 'a', 1)
  const take = runtime.bucket('events').trigger('take')
  take.pause()
  for (let n = 0; n < 5; n += 1) take.flush()
  for (const atMs of [3, 5, 4]) runtime.watermark(app.handles.events, atMs)
  take.resume()
  t.is(flushes, 1)
  t.deepEqual(reached, [5])
})

for (const [what, onObject] of Object.entries<(held: ObjectRef[], object: ObjectRef) => unknown>({
  'nothing instead of a list': () => undefined,
  'a promise': async () => [],
  'a promise that rejects': async () => {
    throw new Error('asynchronous')
  },
  'a firing without objects': () => [{ objects: [] }],
  'a firing of what it does not hold': (_held, object) => [{ objects: [{ ...object, seq: 99 }] }],
  'an object twice in a firing': (_held, object) => [{ objects: [object, object] }],
  'an object in two firings': (_held, object) => [{ objects: [object] }, { objects: [object] }],
  'a firing for a function it did not name': (_held, object) => [{ objects: [object], target: 'elsewhere' }],
}))
  test(`a primitive that gives ${what} is at fault, and nothing happens`, async (t) => {
    @primitive({ name: 'broken', scope: 'bucket', stateVersion: 1, options: anyOptions })
    class Broken extends Hold {
      override onObject(state: { held: ObjectRef[] }, object: ObjectRef) {
        return onObject(state.held, object) as readonly Firing[]
      }
    }
    const app = defineApp('app', (app) => {
      const events = app.bucket<number>('events')
      app.fn<number>('elsewhere', () => undefined)
      events.when(
        trigger(Broken, {}),
        app.fn<number>('take', () => undefined),
      )
      return { events }
    })
    const here = await world(t, app, { primitives: [Broken] })
    await here.runtime.put(app.handles.events, 'a', 1)
    t.is(ofType(here, 'trigger-faulted').length, 1)
    t.is(here.runtime.stats.firings, 0)
    t.true(balances(here.runtime.bucket('events').trigger('take')))
    await here.runtime.bucket('events').remove('take', 'discard')
    await turns()
    t.deepEqual(leftovers(here), nothing)
  })

test('a primitive may hold copies of references: what it fires are the objects themselves', async (t) => {
  @primitive({ name: 'copying', scope: 'bucket', stateVersion: 1, options: anyOptions })
  class Copying extends Trigger<object, { held: ObjectRef[] }> {
    initialState() {
      return { held: [] as ObjectRef[] }
    }
    onObject(state: { held: ObjectRef[] }, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
      state.held.push(structuredClone({ ...object }))
      if (state.held.length < 4) return []
      const [first, second, ...rest] = state.held.splice(0)
      if (first !== undefined) ctx.dispose(first, 'superseded')
      return second === undefined ? [] : [{ objects: [second, ...rest.slice(0, 1), object] }]
    }
    describe(state: { held: ObjectRef[] }) {
      return { held: state.held, awaiting: {} }
    }
  }
  const seen: (readonly number[])[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      trigger(Copying, {}),
      app.fn<number>('take', ({ objects }) => void seen.push(objects.map(({ value }) => value))),
    )
    return { events }
  })
  const here = await world(t, app, { primitives: [Copying] })
  for (const value of [1, 2, 3, 4]) await here.runtime.put(app.handles.events, undefined, value)
  await turns()
  t.deepEqual(seen, [[2, 3, 4]])
  t.deepEqual(leftovers(here), nothing)
})

test('an object that several firings of one step contain is let go once', async (t) => {
  @primitive({ name: 'twice', scope: 'bucket', stateVersion: 1, options: anyOptions })
  class Twice extends Trigger<object, { held: ObjectRef[] }> {
    initialState() {
      return { held: [] as ObjectRef[] }
    }
    onObject(state: { held: ObjectRef[] }, object: ObjectRef): readonly Firing[] {
      const [first] = state.held
      if (first === undefined) return (state.held.push(object), [])
      state.held = []
      return [{ objects: [first, object], keeps: [first, object] }, { objects: [first, object] }]
    }
    describe(state: { held: ObjectRef[] }) {
      return { held: state.held, awaiting: {} }
    }
  }
  const rest = gate()
  const seen: (readonly number[])[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      trigger(Twice, {}),
      app.fn<number>('take', async ({ objects }) => {
        await rest.passed
        seen.push(objects.map(({ value }) => value))
      }),
    )
    return { events }
  })
  const here = await world(t, app, { primitives: [Twice] })
  for (const value of [1, 2]) await here.runtime.put(app.handles.events, undefined, value)
  await turns()
  t.is(here.store.usage.objects, 2)
  rest.open()
  await until(() => seen.length === 2)
  t.deepEqual(seen, [
    [1, 2],
    [1, 2],
  ])
  t.deepEqual(leftovers(here), nothing)
  t.true(balances(here.runtime.bucket('events').trigger('take')))
})

test('a bucket-scoped trigger keeps objects of ended sessions, unless it is told to drop those of cancelled ones', async (t) => {
  const seen: Record<string, readonly number[]> = {}
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    for (const [name, dropCancelled] of [
      ['keeps', false],
      ['drops', true],
    ] as const)
      events.when(
        trigger(Hold, {}),
        app.fn<number>(name, ({ objects }) => {
          seen[name] = objects.map(({ value }) => value)
        }),
        { dropCancelled },
      )
    return { events }
  })
  const here = await world(t, app, { primitives: [Hold] })
  const [cancelled, ended] = [here.runtime.session(), here.runtime.session()]
  await cancelled.put(app.handles.events, 'a', 1)
  await ended.put(app.handles.events, 'b', 2)
  cancelled.cancel()
  await ended.end()
  for (const { ledger } of here.runtime.bucket('events').triggers) t.is(ledger.admitted, 2)
  for (const handle of here.runtime.bucket('events').triggers) handle.flush()
  await turns()
  t.deepEqual(seen, { keeps: [1, 2], drops: [2] })
  t.deepEqual(here.runtime.bucket('events').trigger('drops').ledger.disposed, { 'session-ended': 1 })
  t.deepEqual(leftovers(here), nothing)
})

test('objects without a session join each other in a session-scoped trigger too, and leave nothing', async (t) => {
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
  await here.runtime.put(app.handles.parts, 'right', 2)
  await here.runtime.put(app.handles.parts, 'left', 1)
  await turns()
  t.deepEqual(joined, [[1, 2]])
  t.deepEqual(leftovers(here), nothing)
})

test('a deadline that passes fails the session, with what is missing', async (t) => {
  const { here, session } = await waiting(t, 'fail')
  here.clock.advance(50)
  const { outcome, error } = await session.ended
  t.is(outcome, 'failed')
  t.true(StigmergyError.is(error, 'STG_TRIGGER_UNSATISFIED'))
  t.deepEqual((error as StigmergyError).details['missing'], ['right'])
  t.deepEqual(leftovers(here), nothing)
})

test('a deadline that passes fires what is there, marked as partial', async (t) => {
  const { here, session, seen } = await waiting(t, 'partial')
  here.clock.advance(50)
  await turns()
  t.deepEqual(seen, ['join left partial missing right'])
  t.is(await session.put(here.parts, 'right', 1), 'admitted')
  t.is(here.trigger.ledger.disposed['late-closed'], 1)
  t.is((await session.end()).outcome, 'succeeded')
  for (const { id } of here.runtime.deadLetters.list()) here.runtime.deadLetters.discard(id)
  t.deepEqual(leftovers(here), nothing)
})

test('a deadline that passes runs the fallback instead of the target', async (t) => {
  const { here, session, seen } = await waiting(t, 'fallback')
  here.clock.advance(50)
  await turns()
  t.deepEqual(seen, ['fallback left partial missing right'])
  t.is((await session.end()).outcome, 'succeeded')
  t.deepEqual(leftovers(here), nothing)
})

test('a deadline that passes lets go of what is there when it is to be discarded', async (t) => {
  const { here, session, seen } = await waiting(t, 'discard')
  here.clock.advance(50)
  t.is((await session.end()).outcome, 'succeeded')
  t.deepEqual(seen, [])
  t.deepEqual(here.trigger.ledger.disposed, { unmatched: 1 })
  t.deepEqual(leftovers(here), nothing)
})

test('a round that fires in time has no deadline any more, and objects that are of no use start none', async (t) => {
  const { here, session, seen } = await waiting(t, 'fail')
  here.clock.advance(49)
  await session.put(here.parts, 'right', 1)
  await session.put(here.parts, 'surplus', 1)
  await turns()
  t.deepEqual(seen, ['join left,right'])
  here.clock.advance(1_000)
  t.is((await session.end()).outcome, 'succeeded')
  t.deepEqual(leftovers(here), nothing)
})

test('an object at the very deadline still counts', async (t) => {
  const { here, session, seen } = await waiting(t, 'fail')
  here.clock.jump(50)
  await session.put(here.parts, 'right', 1)
  here.clock.runDue()
  await turns()
  t.deepEqual(seen, ['join left,right'])
  t.is((await session.end()).outcome, 'succeeded')
})

test('an object after the deadline does not, even when the clock has not rung yet', async (t) => {
  const { here, session, seen } = await waiting(t, 'discard')
  here.clock.jump(51)
  await session.put(here.parts, 'right', 1)
  await turns()
  t.deepEqual(seen, [])
  t.deepEqual(here.trigger.ledger.disposed, { unmatched: 1, 'late-closed': 1 })
})

test('in a bucket the round after a deadline is a new one', async (t) => {
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts', { multi: true })
    parts.when(
      bySet({ keys: ['left', 'right'], repeat: 'rounds' }),
      app.fn<number>('join', () => undefined),
      {
        scope: 'bucket',
        deadline: 50,
      },
    )
    return { parts }
  })
  const here = await world(t, app)
  await here.runtime.put(app.handles.parts, 'left', 1)
  here.clock.advance(50)
  t.is(ofType(here, 'trigger-unsatisfied').length, 1)
  await here.runtime.put(app.handles.parts, 'right', 1)
  await here.runtime.put(app.handles.parts, 'left', 1)
  await turns()
  t.is(here.runtime.stats.firings, 1)
  t.deepEqual(leftovers(here), nothing)
})

async function waiting(t: ExecutionContext, onDeadline: 'fail' | 'partial' | 'discard' | 'fallback') {
  const seen: string[] = []
  const tell =
    (name: string) =>
    ({
      objects,
      partial,
      missing,
    }: {
      objects: readonly ObjectRef[]
      partial: boolean
      missing: readonly string[]
    }) =>
      void seen.push(`${name} ${keys(objects).join()}${partial ? ` partial missing ${missing.join()}` : ''}`)
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    const fallback = app.fn<number>('fallback', tell('fallback'))
    parts.when(bySet({ keys: ['left', 'right'] }), app.fn<number>('join', tell('join')), {
      deadline: 50,
      onDeadline: onDeadline === 'fallback' ? { fallback } : onDeadline,
    })
    return { parts }
  })
  const here = await world(t, app)
  const session = here.runtime.session()
  await session.put(app.handles.parts, 'left', 1)
  const { parts } = app.handles
  return { here: { ...here, parts, trigger: here.runtime.bucket('parts').trigger('join') }, session, seen }
}

test('a join learns that a function has ended without putting anything', async (t) => {
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    parts.when(
      redundant({ k: 1, n: 1 }),
      app.fn<number>('first', () => undefined),
    )
    return app.fn('silent', () => undefined, { puts: [parts] })
  })
  const here = await world(t, app)
  const { outcome, error } = await here.runtime.invoke(app.handles, 1).ended
  t.is(outcome, 'failed')
  t.true(StigmergyError.is(error, 'STG_TRIGGER_UNSATISFIED'))
  t.deepEqual(leftovers(here), nothing)
})

test('a failure that a join provides for does not fail the session', async (t) => {
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    const work = app.bucket<number>('work')
    parts.when(
      redundant({ k: 1, n: 2 }),
      app.fn<number, number>('first', ({ value }, { reply }) => reply(value)),
    )
    work.when(
      immediate(),
      app.fn<number>(
        'race',
        async ({ value }, { put }) => {
          if (value === 0) throw new Error('this one is lame')
          await put(parts, undefined, value)
        },
        { puts: [parts] },
      ),
    )
    return app.fn<number, number>('start', (_fired, { put }) => {
      void put(work, 'a', 0)
      void put(work, 'b', 1)
    })
  })
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles, 1)
  t.is(await session.result, 1)
  t.deepEqual(await session.ended, { outcome: 'succeeded' })
  for (const { id } of here.runtime.deadLetters.list()) here.runtime.deadLetters.discard(id)
  t.deepEqual(leftovers(here), nothing)
})

test('the losers of a race are cancelled', async (t) => {
  const aborted: number[] = []
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    const work = app.bucket<number>('work')
    parts.when(
      redundant({ k: 1, n: 3 }),
      app.fn<number, number>('first', ({ value }, { reply }) => reply(value)),
    )
    work.when(
      immediate(),
      app.fn<number>(
        'race',
        async ({ value }, { put, signal }) => {
          if (value === 1) return void (await put(parts, undefined, value))
          await new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => reject(new Error('lost'))),
          )
        },
        { puts: [parts] },
      ),
    )
    return app.fn<number, number>('start', (_fired, { put }) => {
      for (const value of [0, 1, 2]) void put(work, undefined, value)
    })
  })
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles, 1)
  t.is(await session.result, 1)
  t.deepEqual(await session.ended, { outcome: 'succeeded' })
  t.is(here.runtime.stats.invocations.running, 0)
  t.deepEqual(aborted, [])
  t.deepEqual(leftovers(here), nothing)
})

test('a bucket-scoped join learns of items whose session was cancelled', async (t) => {
  const app = defineApp('app', (app) => {
    const items = app.bucket<number>('items')
    items.when(
      dynamicJoin({ parallel: 'work', onItemError: 'collect' }),
      app.fn<number>('join', () => undefined),
      { scope: 'bucket' },
    )
    app.fn<number>('work', () => new Promise(() => undefined))
    return { items }
  })
  const here = await world(t, app)
  const [one, two] = [here.runtime.session(), here.runtime.session()]
  await one.put(app.handles.items, 'a', 1, { role: 'item' })
  await two.put(app.handles.items, 'b', 1, { role: 'item' })
  here.runtime.closed('items', { scope: 'items' })
  await turns()
  one.cancel()
  two.cancel()
  await until(() => here.runtime.stats.firings === 3)
  t.deepEqual(
    ofType(here, 'trigger-fired').map(({ fn }) => fn),
    ['work', 'work', 'join'],
  )
})

test('a shuffle ends with the functions that put into it, and groups come in their order', async (t) => {
  const seen: string[] = []
  const app = defineApp('app', (app) => {
    const words = app.bucket<string>('words')
    const lines = app.bucket<string>('lines')
    words.when(
      dynamicGroup({ producers: { count: 2 } }),
      app.fn<string>(
        'reduce',
        ({ objects, meta }) => void seen.push(`${String(meta['group'])} ${objects.length}`),
      ),
    )
    lines.when(
      immediate(),
      app.fn<string>(
        'map',
        async ({ value }, { put }) => {
          for (const word of value.split(' ')) await put(words, undefined, word, { group: word })
        },
        { puts: [words] },
      ),
    )
    return app.fn('start', (_fired, { put }) => {
      void put(lines, '1', 'b a b')
      void put(lines, '2', 'a c')
    })
  })
  const here = await world(t, app)
  t.deepEqual(await here.runtime.invoke(app.handles, 1).ended, { outcome: 'succeeded' })
  t.deepEqual(seen, ['a 2', 'b 2', 'c 1'])
  t.deepEqual(leftovers(here), nothing)
})

test('user facts reach the triggers of their bucket, and wrong ones are refused by their field', async (t) => {
  const seen: string[] = []
  @primitive({ name: 'listening', scope: 'session', stateVersion: 1, options: anyOptions })
  class Listening extends Hold {
    override onClosed(
      _state: { held: ObjectRef[] },
      fact: { scope: string; name: string; outcome: string; expected?: number },
    ) {
      seen.push([fact.scope, fact.name, fact.outcome, fact.expected ?? ''].join(' ').trim())
      return []
    }
  }
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      trigger(Listening, {}),
      app.fn<number>('take', () => undefined),
    )
    return { events }
  })
  const { runtime } = await world(t, app, { primitives: [Listening] })
  const session = runtime.session({ session: 's' })
  const { events } = app.handles
  session.closed(events, { scope: 'items', expected: 3 })
  session.closed(events, { scope: 'producer', name: 'p', outcome: 'failed' })
  runtime.closed('events', { scope: 'group', name: 'g' }, { session: 's' })
  runtime.closed(events, { scope: 'input', name: 'i' })
  t.deepEqual(seen, ['items  succeeded 3', 'producer p failed', 'group g succeeded', 'input i succeeded'])
  for (const [field, fact] of [
    ['scope', { scope: 'session', name: 's' }],
    ['scope', { scope: 'item', name: 's' }],
    ['name', { scope: 'producer' }],
    ['name', { scope: 'producer', name: '' }],
    ['outcome', { scope: 'producer', name: 'p', outcome: 'fine' }],
    ['expected', { scope: 'items', expected: -1 }],
    ['expected', { scope: 'items', expected: 1.5 }],
    ['colour', { scope: 'items', colour: 'red' }],
    ['options', null],
  ] as const)
    t.throws(() => runtime.closed('events', fact as never), { message: new RegExp(field) }, field)
  t.throws(() => runtime.closed('nowhere', { scope: 'items' }), { code: 'STG_BUCKET_UNKNOWN' })
  t.is(seen.length, 4)
})

test('two triggers of a bucket are stepped in the order in which they were added', async (t) => {
  const seen: string[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    for (const name of ['z', 'a', 'm'])
      events.when(
        immediate(),
        app.fn<number>(name, () => void seen.push(name)),
      )
    return { events }
  })
  const { runtime } = await world(t, app)
  await runtime.put(app.handles.events, 'k', 1)
  await until(() => seen.length === 3)
  t.deepEqual(seen, ['z', 'a', 'm'])
})

test('a loop is stopped where the primitive says so', async (t) => {
  let runs = 0
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    const spin = app.fn<number>('spin', (_fired, { put }) => {
      runs += 1
      void put(events, undefined, runs)
    })
    events.when(immediate({ maxHops: 10 }), spin, { scope: 'session' })
    return spin
  })
  const here: World = await world(t, app)
  const { outcome, error } = await here.runtime.invoke(app.handles, 0).ended
  t.is(outcome, 'failed')
  t.true(StigmergyError.is(error, 'STG_TRIGGER_UNSATISFIED'))
  t.true(runs <= 12)
  t.deepEqual(leftovers(here), nothing)
})
