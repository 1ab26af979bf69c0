import test from 'ava'
import {
  byBatchSize,
  byTime,
  defineApp,
  immediate,
  type OpenSession,
  type RunningTrigger,
  type RuntimeEvent,
} from 'stigmergy'
import { leftovers, nothing, ofType, turns, world, type World } from './world.js'

/** Calls `act` in the middle of what happens, at the first event of a type. */
function atFirst(
  { runtime }: World,
  type: RuntimeEvent['type'],
  act: (event: RuntimeEvent) => void,
): Disposable {
  const listening = runtime.on((event) => {
    if (event.type !== type) return
    listening[Symbol.dispose]()
    act(event)
  })
  return listening
}

function balances({ ledger }: RunningTrigger): boolean {
  const disposed = Object.values(ledger.disposed).reduce((sum, count) => sum + count, 0)
  return ledger.admitted === ledger.fired + disposed + ledger.pending
}

/** A bucket `events`, and triggers on it that have their functions write down what they got. */
function watched(triggers: Readonly<Record<string, number>>) {
  const fired: string[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    for (const [name, count] of Object.entries(triggers))
      events.when(
        byBatchSize({ count }),
        app.fn<number>(name, ({ objects }) => void fired.push(`${name} ${objects.map((o) => o.key).join()}`)),
      )
    return {
      events,
      late: app.fn<number>('late', ({ objects }) => void fired.push(`late ${objects.length}`)),
    }
  })
  return { app, fired }
}

test('a trigger that a listener adds does not see the object that is just being put', async (t) => {
  const { app, fired } = watched({ one: 1, two: 1 })
  const here = await world(t, app)
  atFirst(here, 'object-put', () => void here.runtime.bucket('events').add(immediate(), app.handles.late))
  t.is(await here.runtime.put(app.handles.events, 'a', 1), 'admitted')
  await here.runtime.put(app.handles.events, 'b', 2)
  await turns()
  t.deepEqual(fired, ['one a', 'two a', 'one b', 'two b', 'late 1'])
})

test('a trigger that a listener removes does not see the object that is just being put', async (t) => {
  const { app, fired } = watched({ one: 2, two: 1 })
  const here = await world(t, app)
  const triggers = here.runtime.bucket('events').triggers
  let removing: Promise<void> | undefined
  atFirst(here, 'object-put', () => void (removing = here.runtime.bucket('events').remove('one')))
  t.is(await here.runtime.put(app.handles.events, 'a', 1), 'admitted')
  await turns()
  await removing
  t.deepEqual(fired, ['two a'])
  t.true(triggers.every(balances))
})

test('a listener may end the session of the object that is just being put', async (t) => {
  const { app, fired } = watched({ one: 2 })
  const here = await world(t, app)
  const session = here.runtime.session()
  atFirst(here, 'object-put', () => session.cancel())
  t.is(await session.put(app.handles.events, 'a', 1), 'admitted')
  await here.runtime.put(app.handles.events, 'b', 2)
  await turns()
  t.deepEqual(fired, ['one a,b'])
  t.deepEqual(leftovers(here), nothing)
})

test('a listener may end the session of an object that a trigger makes room for', async (t) => {
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      byBatchSize({ count: 9 }),
      app.fn<number>('batch', () => undefined),
      { onOverflow: 'fireEarly', maxPending: 1 },
    )
    return { events }
  })
  const here = await world(t, app)
  const session = here.runtime.session()
  await session.put(app.handles.events, 'a', 1)
  atFirst(here, 'trigger-fired', () => void here.runtime.close({ now: true }))
  await session.put(app.handles.events, 'b', 2)
  await here.runtime.close()
  t.deepEqual(leftovers(here), nothing)
})

test('a partition that a listener has taken the place of loses no object without a reason', async (t) => {
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      byBatchSize({ count: 2 }),
      app.fn<number>('batch', () => undefined),
      { partitionBy: ({ key }) => key, maxPartitions: 1 },
    )
    return { events }
  })
  const here = await world(t, app)
  atFirst(here, 'object-put', () => void here.runtime.put(app.handles.events, 'b', 2))
  await here.runtime.put(app.handles.events, 'a', 1)
  const { ledger } = here.runtime.bucket('events').trigger('batch')
  t.is(ledger.admitted, 2)
  t.is(ledger.pending, 1)
  t.deepEqual(ledger.disposed, { overflow: 1 })
})

test('what a listener resets while it is disposed is disposed once', async (t) => {
  const { app } = watched({ one: 9 })
  const here = await world(t, app)
  const one = here.runtime.bucket('events').trigger('one')
  for (const key of ['a', 'b', 'c']) await here.runtime.put(app.handles.events, key, 1)
  atFirst(here, 'object-disposed', () => one.reset())
  one.reset()
  t.deepEqual(one.ledger.disposed, { reset: 3 })
  t.deepEqual(leftovers(here), nothing)
})

test('a bucket that is being deleted takes no trigger of a listener', async (t) => {
  const { app } = watched({ one: 9 })
  const here = await world(t, app)
  const bucket = here.runtime.bucket('events')
  const session = here.runtime.session()
  await session.put(app.handles.events, 'a', 1)
  atFirst(here, 'object-disposed', () => {
    t.throws(() => bucket.add(byBatchSize({ count: 9 }), app.handles.late, { since: 'earliest' }), {
      code: 'STG_BUCKET_SEALED',
    })
  })
  bucket.delete('discard')
  await session.end()
  t.deepEqual(leftovers(here), nothing)
})

test('a run whose session a listener ends as it fails is not repeated', async (t) => {
  for (const type of ['function-ended', 'function-retried'] as const) {
    let runs = 0
    const fail = (): never => {
      runs += 1
      throw new Error('no')
    }
    const app = defineApp('app', (app) => app.fn('fail', fail, { retries: 3 }))
    const here = await world(t, app)
    const session = here.runtime.invoke(app.handles, 1)
    atFirst(here, type, () => session.cancel())
    t.is((await session.ended).outcome, 'cancelled', type)
    t.deepEqual(leftovers(here), nothing, type)
    here.clock.advance(10_000)
    await turns()
    t.is(runs, 1, type)
  }
})

test('a run whose session a listener ends at its dead letter lets go of its objects once', async (t) => {
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    return events.when(
      immediate(),
      app.fn<number>('fail', () => {
        throw new Error('no')
      }),
    )
  })
  const here = await world(t, app)
  const warnings: unknown[] = []
  const warn = (warning: unknown): void => void warnings.push(warning)
  process.on('warning', warn)
  t.teardown(() => process.off('warning', warn))
  atFirst(here, 'dead-letter', () => void here.runtime.close({ now: true }))
  await here.runtime.put(app.handles, 'a', 1)
  await turns()
  await here.runtime.close()
  t.deepEqual(warnings, [])
  t.deepEqual(leftovers(here), nothing)
})

test('a session that a listener ends as it begins leaves nothing', async (t) => {
  const ran: unknown[] = []
  const app = defineApp('app', (app) => app.fn('run', ({ value }) => void ran.push(value)))
  const here = await world(t, app)
  atFirst(here, 'session-began', () => void here.runtime.close({ now: true }))
  const session = here.runtime.invoke(app.handles, 1, { deadlineMs: 10 })
  t.is((await session.ended).outcome, 'cancelled')
  await here.runtime.close()
  t.deepEqual(ran, [])
  t.deepEqual(leftovers(here), nothing)
})

test('of several firings of one step none runs after a listener has closed the runtime', async (t) => {
  const ran: unknown[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      byTime({ every: 10, fireEmpty: true }),
      app.fn<number>('tick', ({ id }) => void ran.push(id)),
    )
    return { events }
  })
  const here = await world(t, app)
  await here.runtime.put(app.handles.events, 'a', 1)
  here.clock.jump(100)
  atFirst(here, 'trigger-fired', () => void here.runtime.close({ now: true }))
  here.clock.runDue()
  await here.runtime.close()
  await turns()
  t.true(ofType(here, 'trigger-fired').length > 0)
  t.deepEqual(ran, [])
  t.deepEqual(leftovers(here), nothing)
})

test('while a runtime closes, a listener gets nothing begun, and the same end as everybody', async (t) => {
  const app = defineApp('app', (app) => ({
    events: app.bucket<number>('events'),
    wait: app.fn('wait', () => new Promise(() => undefined)),
  }))
  const here = await world(t, app)
  here.runtime.invoke(app.handles.wait, 1)
  await turns()
  let put: Promise<unknown> | undefined
  let close: Promise<void> | undefined
  atFirst(here, 'session-ended', () => {
    t.throws((): OpenSession => here.runtime.session({ session: 'late' }), { code: 'STG_CLOSED' })
    put = here.runtime.put(app.handles.events, 'a', 1, { session: 'late' })
    close = here.runtime.close()
    put.catch(() => undefined)
  })
  await here.runtime.close({ now: true })
  await t.throwsAsync(async () => put, { code: 'STG_CLOSED' })
  await close
  t.deepEqual(leftovers(here), nothing)
})
