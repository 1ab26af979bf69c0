import test from 'ava'
import { byBatchSize, defineApp, immediate, type RuntimeEvent } from 'stigmergy'
import { gate, leftovers, nothing, turns, until, world } from './world.js'

function chain() {
  return defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      immediate(),
      app.fn<number>('read', () => undefined),
    )
    return {
      events,
      feed: app.fn<number>('feed', async ({ value }, { put, reply }) => {
        for (let n = 0; n < value; n += 1) await put(events, `k${n}`, n)
        reply(value)
      }),
    }
  })
}

test('what happens is told in the order in which it happens', async (t) => {
  const app = chain()
  const here = await world(t, app)
  await here.runtime.invoke(app.handles.feed, 1, { session: 's' }).ended
  const at = (type: RuntimeEvent['type'], nth = 0) =>
    here.events.findIndex((event) => event.type === type && nth-- === 0)
  t.true(at('session-began') < at('function-started'))
  t.true(at('object-put') < at('trigger-fired'))
  t.true(at('trigger-fired') < at('function-started', 1))
  t.is(at('session-ended'), here.events.length - 1)
  t.true(here.events.every(({ session }) => session === 's'))
})

test('a listener that throws harms nobody, and a listener that has left hears nothing', async (t) => {
  const app = chain()
  const here = await world(t, app)
  const heard: string[] = []
  let broken = 2
  here.runtime.on(() => {
    broken -= 1
    if (broken >= 0) throw new Error('a broken listener')
  })
  const listening = here.runtime.on(({ type }) => void heard.push(type))
  await here.runtime.invoke(app.handles.feed, 1).ended
  const before = heard.length
  t.true(before > 0)
  listening[Symbol.dispose]()
  await here.runtime.invoke(app.handles.feed, 1).ended
  t.is(heard.length, before)
})

test('a listener may put, cancel and add triggers while it is told', async (t) => {
  const seen: (readonly number[])[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    const take = app.fn<number>('take', ({ objects }) => void seen.push(objects.map(({ value }) => value)))
    events.when(byBatchSize({ count: 2 }), take)
    events.when(byBatchSize({ count: 3 }), take, { name: 'threes' })
    return { events, take }
  })
  const here = await world(t, app)
  let left = 20
  here.runtime.on((event) => {
    if ((event.type !== 'object-put' && event.type !== 'trigger-fired') || left === 0) return
    left -= 1
    void here.runtime.put(app.handles.events, undefined, 100 + left)
  })
  for (let n = 0; n < 5; n += 1) await here.runtime.put(app.handles.events, undefined, n)
  await until(() => here.runtime.stats.sessions.live === 0 && left === 0)
  for (const handle of here.runtime.bucket('events').triggers) {
    const { admitted, fired, pending, disposed } = handle.ledger
    t.is(admitted, 25)
    t.is(fired + pending, 25)
    t.deepEqual(disposed, {})
    handle.flush()
  }
  await until(() => here.store.usage.objects === 0)
  const all = seen.flat()
  t.is(all.length, 50)
  t.is(new Set(all).size, 25)
  t.deepEqual(leftovers(here), nothing)
})

test('events can be read, from the moment that they are asked for', async (t) => {
  const app = chain()
  const here = await world(t, app)
  const events = here.runtime.events()
  await here.runtime.invoke(app.handles.feed, 1, { session: 's' }).ended
  const types: string[] = []
  for await (const { type } of events) {
    types.push(type)
    if (type === 'session-ended') break
  }
  t.is(types[0], 'session-began')
  t.is(types.length, here.events.length)
})

test('the events of a session end with it', async (t) => {
  const rest = gate()
  const app = defineApp('app', (app) => app.fn('wait', () => rest.passed))
  const here = await world(t, app)
  const [one, two] = [here.runtime.invoke(app.handles, 1), here.runtime.invoke(app.handles, 2)]
  const reading = (async () => {
    const types: string[] = []
    for await (const event of one.events()) {
      t.is(event.session, one.id)
      types.push(event.type)
    }
    return types
  })()
  await turns()
  rest.open()
  await Promise.all([one.ended, two.ended])
  t.deepEqual(await reading, ['function-started', 'function-ended', 'session-ended'])
  for await (const event of one.events()) t.fail(event.type)
})

test('reading ends when its signal aborts, and when the runtime closes', async (t) => {
  const app = chain()
  const here = await world(t, app)
  const stop = new AbortController()
  const read = async (events: AsyncIterable<RuntimeEvent>) => {
    const types: string[] = []
    for await (const { type } of events) types.push(type)
    return types
  }
  const [signalled, closed] = [read(here.runtime.events(stop.signal)), read(here.runtime.events())]
  const session = here.runtime.session()
  stop.abort()
  t.deepEqual(await signalled, ['session-began'])
  await here.runtime.close({ now: true })
  t.deepEqual(await closed, ['session-began', 'session-ended'])
  t.is((await session.ended).outcome, 'cancelled')
  t.deepEqual(await read(here.runtime.events()), [])
})

test('a reader that falls far behind misses the oldest events and is told how many', async (t) => {
  const app = chain()
  const here = await world(t, app, { limits: { maxQueued: 10_000_000 } })
  const stop = new AbortController()
  const events = here.runtime.events(stop.signal)
  await here.runtime.invoke(app.handles.feed, 6_000, { session: 's' }).ended
  stop.abort()
  const read: RuntimeEvent[] = []
  for await (const event of events) read.push(event)
  const [first] = read
  t.is(first?.type, 'events-missed')
  t.is((first?.type === 'events-missed' ? first.count : 0) + read.length - 1, here.events.length)
  t.is(read.at(-1)?.type, 'session-ended')
})

test('several readings at once get one event each', async (t) => {
  const app = chain()
  const here = await world(t, app)
  const reader = here.runtime.events()[Symbol.asyncIterator]()
  const two = [reader.next(), reader.next()]
  const session = here.runtime.session()
  session.cancel()
  const types = (await Promise.all(two)).map(({ value }) => (value as RuntimeEvent).type)
  t.deepEqual(types, ['session-began', 'session-ended'])
  await reader.return?.()
  t.deepEqual(await reader.next(), { done: true, value: undefined })
})

test('who asks for steps is told of each, before what it brings about; others are not', async (t) => {
  const app = chain()
  const here = await world(t, app)
  const heard: RuntimeEvent[] = []
  const listening = here.runtime.on((event) => void heard.push(event), { steps: true })
  await here.runtime.invoke(app.handles.feed, 1, { session: 's' }).ended
  const types = heard.map(({ type }) => type)
  const steps = heard.filter((event) => event.type === 'trigger-stepped')
  t.is(steps[0]?.trigger, 'events.read')
  t.like(steps[0]?.step, { kind: 'object', object: { key: 'k0', seq: 1 } })
  t.true(types.indexOf('trigger-stepped') < types.indexOf('trigger-fired'))
  t.false(here.events.some(({ type }) => type === 'trigger-stepped'))
  listening[Symbol.dispose]()
  const before = heard.length
  await here.runtime.invoke(app.handles.feed, 1).ended
  t.is(heard.length, before)
})
