import { first, First } from '@stigmergy/composites'
import { ManualClock } from '@stigmergy/conformance'
import { CountOrTime, countOrTime } from '@stigmergy/count-or-time'
import test from 'ava'
import { bySet, byTime, type Clock, type Timer, trigger } from 'stigmergy'
import { Debounce } from './primitives/debounce.js'
import { EventWindows } from './primitives/event-windows.js'
import { Ticks } from './primitives/ticks.js'
import { beginning, explains, keys, oneTrigger, pass, setting, settle } from './setting.js'

/** A clock whose timers run too early, each of them once. */
class HastyClock implements Clock {
  readonly #served = new Set<number>()

  constructor(
    private readonly clock: ManualClock,
    private readonly byMs: number,
  ) {}

  now(): number {
    return this.clock.now()
  }

  setTimer(atMs: number, run: () => void): Timer {
    if (this.#served.has(atMs)) return this.clock.setTimer(atMs, run)
    this.#served.add(atMs)
    return this.clock.setTimer(atMs - this.byMs, run)
  }
}

test('S1: a timer that is due exactly now fires, and not a millisecond earlier', async (t) => {
  const { app, taken } = oneTrigger(byTime({ every: 100 }))
  const here = await setting(t, app)
  await here.runtime.put(app.handles, 'a', 1)
  here.clock.advance(99)
  await settle()
  t.deepEqual(taken(), [])
  explains(t, here, { held: ['a'], awaiting: { until: beginning + 100 }, last: 'held' })
  here.clock.advance(1)
  await settle()
  t.deepEqual(taken(), [['a']])
  explains(t, here, { held: [], awaiting: { count: 1 }, last: 'fired' })
})

test('S1: an object that completes a round exactly at its deadline comes before the deadline', async (t) => {
  const { app, fired, taken } = oneTrigger(bySet({ keys: ['a', 'b'] }), {
    deadline: 100,
    onDeadline: 'partial',
  })
  const here = await setting(t, app)
  await here.runtime.put(app.handles, 'a', 1, { session: 's' })
  here.clock.jump(100)
  await here.runtime.put(app.handles, 'b', 2, { session: 's' })
  here.clock.runDue()
  await settle()
  t.deepEqual(taken(), [['a', 'b']])
  t.false(fired[0]?.partial)
})

test('S2: a tick whose timer runs 13 ms early is not consumed: it comes at its instant, and so does the next', async (t) => {
  const clock = new ManualClock(beginning)
  const { app, fired } = oneTrigger(trigger(Ticks, { everyMs: 1_000 }))
  const here = await setting(t, app, { clock, seenClock: new HastyClock(clock, 13), primitives: [Ticks] })
  await here.runtime.put(app.handles, 'a', 1)
  clock.advance(987)
  await settle()
  t.deepEqual(fired, [])
  explains(t, here, { held: ['a'], awaiting: { until: beginning + 1_000 } })
  clock.advance(13)
  await here.runtime.put(app.handles, 'b', 2)
  clock.advance(1_000)
  await settle()
  t.deepEqual(
    fired.map(({ objects, meta }) => [meta['tick'], ...keys(objects)]),
    [
      [beginning + 1_000, 'a'],
      [beginning + 2_000, 'b'],
    ],
  )
  explains(t, here, { held: [], awaiting: { until: beginning + 3e3 }, last: 'fired' })
})

test('S9: the last objects of a burst fire at the end of their period although nothing follows', async (t) => {
  const { app, taken } = oneTrigger(byTime({ every: 100 }))
  const here = await setting(t, app)
  for (const key of ['a', 'b', 'c']) {
    await here.runtime.put(app.handles, key, 1)
    here.clock.advance(40)
  }
  await settle()
  t.deepEqual(taken(), [['a', 'b', 'c']])
  here.clock.advance(10_000)
  await settle()
  t.is(taken().length, 1)
  t.is(here.clock.armed, 0)
  explains(t, here, { held: [], last: 'fired' })
})

test('S9: the remainder of a batch fires by time, counted from its first object', async (t) => {
  const { app, fired, taken } = oneTrigger(countOrTime({ maxSize: 2, maxWaitMs: 100 }))
  const here = await setting(t, app, { primitives: [CountOrTime] })
  for (const key of ['a', 'b', 'c']) await here.runtime.put(app.handles, key, 1)
  explains(t, here, { held: ['c'], awaiting: { count: 1, until: beginning + 100 } })
  here.clock.advance(100)
  await settle()
  t.deepEqual(taken(), [['a', 'b'], ['c']])
  t.deepEqual(
    fired.map(({ cause }) => cause),
    ['size', 'time'],
  )
  explains(t, here, { held: [], last: 'fired' })
})

/** A pair against a period. */
const race = first(bySet({ keys: ['a1', 'a2'] }), byTime({ every: 100, align: 'first' }))

test('S23: when one side of a race wins, the timer and the objects of the other are gone', async (t) => {
  const { app, taken } = oneTrigger(race, { scope: 'session' })
  const here = await setting(t, app, { primitives: [First] })
  const session = here.runtime.session({ session: 's' })
  await session.put(app.handles, 'slow', 1)
  await session.put(app.handles, 'a1', 1)
  explains(t, here, { held: ['a1', 'slow'], awaiting: { until: beginning + 100 } }, { session: 's' })
  await session.put(app.handles, 'a2', 1)
  await settle()
  const { timers, ledger } = explains(t, here, { held: [], awaiting: {}, last: 'fired' }, { session: 's' })
  t.deepEqual(timers, {})
  t.deepEqual(ledger.disposed, { superseded: 1 })
  here.clock.advance(1_000)
  await settle()
  t.deepEqual(taken(), [['a1', 'a2']])
  t.deepEqual(await session.end(), { outcome: 'succeeded' })
})

test('S23: the period wins when the pair is not complete in time', async (t) => {
  const { app, taken } = oneTrigger(race, { scope: 'session' })
  const here = await setting(t, app, { primitives: [First] })
  const session = here.runtime.session({ session: 's' })
  await session.put(app.handles, 'slow', 1)
  await session.put(app.handles, 'a1', 1)
  here.clock.advance(100)
  await session.put(app.handles, 'a2', 1)
  await settle()
  t.deepEqual(taken(), [['slow', 'a1']])
  const { ledger } = explains(t, here, { held: [], awaiting: {}, last: 'disposed' }, { session: 's' })
  t.deepEqual(ledger.disposed, { surplus: 1 })
})

test('S25: puts just before each due time put a debounced firing off until the cap, and not beyond', async (t) => {
  const { app, taken } = oneTrigger(trigger(Debounce, { waitMs: 100, maxWaitMs: 250 }))
  const here = await setting(t, app, { primitives: [Debounce] })
  for (const key of ['a', 'b', 'c']) {
    await here.runtime.put(app.handles, key, 1)
    here.clock.advance(key === 'c' ? 51 : 99)
    await settle()
    t.deepEqual(taken(), [])
  }
  explains(t, here, { held: ['c'], awaiting: { until: beginning + 250 }, last: 'held' })
  here.clock.advance(1)
  await settle()
  t.deepEqual(taken(), [['c']])
  const { ledger } = explains(t, here, { held: [], last: 'fired' })
  t.deepEqual(ledger.disposed, { superseded: 2 })
})

test('S26: a debounce of two hours still debounces', async (t) => {
  const hour = 3_600_000
  const { app, taken } = oneTrigger(trigger(Debounce, { waitMs: 2 * hour }))
  const here = await setting(t, app, { primitives: [Debounce] })
  for (const key of ['a', 'b', 'c']) {
    await here.runtime.put(app.handles, key, 1)
    here.clock.advance(2 * hour - 1)
  }
  await settle()
  t.deepEqual(taken(), [])
  here.clock.advance(1)
  await settle()
  t.deepEqual(taken(), [['c']])
  explains(t, here, { held: [], last: 'fired' })
})

test('S27: one idle producer of three holds windows of event time up for no longer than it takes to be idle', async (t) => {
  const { app, taken } = oneTrigger(trigger(EventWindows, { sizeMs: 100, idleAfterMs: 1_000 }))
  const here = await setting(t, app, { primitives: [EventWindows] })
  const put = (producer: string, et: number) =>
    here.runtime.put(app.handles, `${producer}${et}`, 1, { producer, et })
  for (const producer of ['x', 'y', 'z']) await put(producer, 10)
  here.clock.advance(500)
  for (const producer of ['x', 'y']) await put(producer, 110)
  await settle()
  t.deepEqual(taken(), [])
  explains(t, here, { held: ['x10', 'y10', 'z10', 'x110', 'y110'], awaiting: { until: beginning + 1_000 } })
  here.clock.advance(500)
  await settle()
  t.deepEqual(taken(), [['x10', 'y10', 'z10']])
  explains(t, here, { held: ['x110', 'y110'], last: 'fired' })
})

test('S28: of a producer whose clock is a year ahead only its own objects are at fault', async (t) => {
  const { app, taken } = oneTrigger(trigger(EventWindows, { sizeMs: 100, idleAfterMs: 1_000 }))
  const here = await setting(t, app, { primitives: [EventWindows] })
  const put = (producer: string, et: number) =>
    here.runtime.put(app.handles, `${producer}${et}`, 1, { producer, et })
  await put('good', 10)
  await put('ahead', beginning + 365 * 86_400_000)
  await put('good', 20)
  await settle()
  t.deepEqual(taken(), [])
  await put('good', 100)
  await settle()
  t.deepEqual(taken(), [['good10', 'good20']])
  const { ledger } = explains(t, here, { held: ['good100'], last: 'fired' })
  t.deepEqual(ledger.disposed, { fault: 1 })
})

test('S34: after an hour of suspension every overdue timer runs once, in the order of the due times', async (t) => {
  const ran: string[] = []
  const { app, fired, taken } = oneTrigger(byTime({ every: 1_000, align: 'first' }), {
    partitionBy: ({ key }) => key.slice(0, 1),
  })
  const here = await setting(t, app)
  here.runtime.on((event) => void (event.type === 'trigger-fired' && ran.push(event.partition.by ?? '')))
  for (const key of ['b1', 'c1', 'a1']) {
    await here.runtime.put(app.handles, key, 1)
    here.clock.advance(100)
  }
  here.clock.jump(3_600_000)
  here.clock.runDue()
  await settle()
  t.deepEqual(ran, ['b', 'c', 'a'])
  t.deepEqual([...taken()].sort(), [['a1'], ['b1'], ['c1']])
  await pass(here, 2_000, 1_000)
  t.is(fired.length, 3)
  for (const by of ['a', 'b', 'c']) explains(t, here, { held: [], last: 'fired' }, { by })
})
