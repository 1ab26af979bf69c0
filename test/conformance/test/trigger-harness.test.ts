import test from 'ava'
import {
  primitive,
  Trigger,
  type Closed,
  type Firing,
  type ObjectRef,
  type TriggerContext,
} from '@stigmergy/core'
import { TriggerHarness } from '@stigmergy/conformance'
import { z } from 'zod'
import { EveryNth } from './every-nth.js'

interface Holding {
  held: ObjectRef[]
  facts: Closed[]
}

/** Holds objects for 10 ms, shows each of them to `look` at once, and writes down the facts. */
@primitive({
  name: 'holder',
  scope: 'session',
  stateVersion: 1,
  options: z.strictObject({}),
  targets: () => ['look'],
})
class Holder extends Trigger<Record<string, never>, Holding> {
  initialState(): Holding {
    return { held: [], facts: [] }
  }

  onObject(state: Holding, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    state.held.push(object)
    ctx.timers.set('wait', ctx.now + 10)
    return [{ objects: [object], keeps: [object], target: 'look', tag: `tag of ${object.key}` }]
  }

  override onTimer(state: Holding): readonly Firing[] {
    return [{ objects: state.held.splice(0) }]
  }

  override onClosed(state: Holding, fact: Closed): readonly Firing[] {
    state.facts.push(fact)
    return []
  }

  override onEvict(state: Holding, { seq }: ObjectRef): void {
    state.held = state.held.filter((object) => object.seq !== seq)
  }

  describe({ held }: Holding) {
    return { held, awaiting: held.length > 0 ? { until: 10 } : { count: 2 } }
  }
}

function holding(harness: TriggerHarness<Record<string, never>>, session = 's1'): Holding {
  return harness.partitions(session)[0]?.state as Holding
}

test('steps happen one after the other, and firings are read by their keys', (t) => {
  const harness = new TriggerHarness(EveryNth, { n: 2 }).play('a', 'b', { advance: 5 }, 'c', 'd')
  t.deepEqual(harness.fired, [['b'], ['d']])
  t.deepEqual(harness.disposed, { filtered: ['a', 'c'] })
  t.deepEqual(harness.ledger, { admitted: 4, fired: 2, pending: 0, disposed: { filtered: 2 } })
  t.deepEqual(
    harness.firings.map(({ at }) => at),
    [0, 5],
  )
})

test('options are checked as a runtime checks them', (t) => {
  t.throws(() => new TriggerHarness(EveryNth, { n: 0 }), { code: 'STG_OPTIONS_INVALID' })
  t.throws(() => new TriggerHarness(EveryNth, { n: 1 }, { common: { onOverflow: 'dropOldest' } }), {
    code: 'STG_CONFIG_INVALID',
  })
})

test('a key is taken once, in its session and role', (t) => {
  const harness = new TriggerHarness(EveryNth, { n: 1 })
  t.is(harness.put('a'), 'fired')
  t.is(harness.put('a'), 'duplicate')
  t.is(harness.put({ put: 'a', role: 'item' }), 'fired')
  t.is(harness.put({ put: 'a', session: 's2' }), 'fired')
})

test('a multi bucket counts the objects of a key', (t) => {
  const harness = new TriggerHarness(EveryNth, { n: 1 }, { multi: true }).play('a', 'a')
  t.deepEqual(
    harness.firings.map(({ objects }) => objects[0]?.occurrence),
    [0, 1],
  )
})

test('objects come from producers that have nothing to do with each other, unless it is said', (t) => {
  const harness = new TriggerHarness(EveryNth, { n: 1 })
  harness.play('a', 'b', { put: 'c', fn: 'f', invocation: 'i', attempt: 2, producer: 'p', hops: 3 })
  const [a, b, c] = harness.firings.map(({ objects }) => objects[0])
  t.not(a?.producer.invocation, b?.producer.invocation)
  t.deepEqual(c?.producer, { fn: 'f', invocation: 'i', attempt: 2, name: 'p' })
  t.is(c?.hops, 3)
})

test('tagOf leads from a result to the firing of its item', (t) => {
  const harness = new TriggerHarness(Holder, {})
  harness.play('a', { put: 'result', tagOf: 'a' }, { closed: 'item', tagOf: 'a', outcome: 'failed' })
  const { held, facts } = holding(harness)
  t.deepEqual(held[1]?.producer.cause, { trigger: 'bucket.trigger', tag: 'tag of a' })
  t.deepEqual(facts, [{ scope: 'item', outcome: 'failed', attempt: 1, name: 'tag of a' }])
})

test('facts reach the trigger of their session, in either notation', (t) => {
  const harness = new TriggerHarness(Holder, {})
  harness.play({ closed: 'producer', name: 'p' }, { closed: { scope: 'items', expected: 3 }, session: 's2' })
  t.deepEqual(holding(harness).facts, [{ scope: 'producer', outcome: 'succeeded', name: 'p' }])
  t.deepEqual(holding(harness, 's2').facts, [{ scope: 'items', outcome: 'succeeded', expected: 3, name: '' }])
})

test('an attempt that puts an object of an earlier one again confirms it', (t) => {
  const harness = new TriggerHarness(Holder, {})
  const put = { put: 'a', fn: 'f', invocation: 'i' }
  harness.play(put, { ...put, attempt: 2 }, { closed: 'invocation', name: 'i', fn: 'f', attempt: 2 })
  t.deepEqual(holding(harness).facts[0]?.confirmed, [1])
})

test('a put at the time of a timer comes before it, later ones come behind it', (t) => {
  const harness = new TriggerHarness(Holder, {})
  harness.play('a', { jump: 9 }, { jump: 1 }, 'b', { jump: 11 }, 'c')
  t.deepEqual(
    harness.fired.filter((keys) => keys.length > 1),
    [['a', 'b']],
  )
  t.deepEqual(
    harness.describe()?.held.map(({ key }) => key),
    ['c'],
  )
  t.deepEqual([...harness.timers()], [['wait', 31]])
})

test('what is kept is pending until it is let go', (t) => {
  const harness = new TriggerHarness(Holder, {}).play('a')
  t.deepEqual(harness.ledger, { admitted: 1, fired: 0, pending: 1, disposed: {} })
  harness.advance(10)
  t.deepEqual(harness.ledger, { admitted: 1, fired: 1, pending: 0, disposed: {} })
})

test('the end of a session drops its state, and what comes then is late', (t) => {
  const harness = new TriggerHarness(Holder, {})
  harness.play('a', { put: 'b', session: 's2' }, { end: 'succeeded' }, 'c')
  t.deepEqual(harness.disposed, { 'session-ended': ['a'], 'late-closed': ['c'] })
  t.deepEqual(
    [...harness.cell.partitions].map(({ name }) => name.session),
    ['s2'],
  )
})

test('the end of a session leaves a trigger of a bucket alone', (t) => {
  const harness = new TriggerHarness(Holder, {}, { common: { scope: 'bucket' } })
  harness.play('a', { end: 'succeeded' }, 'late', { put: 'b', session: 's2' }, { advance: 10 })
  t.deepEqual(harness.fired.at(-1), ['a', 'b'])
})

test('what a cancelled session has put is dropped when the trigger wants that', (t) => {
  const harness = new TriggerHarness(Holder, {}, { common: { scope: 'bucket', dropCancelled: true } })
  harness.play('a', { put: 'b', session: 's2' }, { end: 'cancelled' })
  t.deepEqual(harness.disposed, { 'session-ended': ['a'] })
  t.deepEqual(
    harness.describe()?.held.map(({ key }) => key),
    ['b'],
  )
})

test('a reset disposes what is held and disarms the timers', (t) => {
  const harness = new TriggerHarness(Holder, {}).play('a', { reset: true }, { advance: 100 })
  t.deepEqual(harness.disposed, { reset: ['a'] })
  t.is(harness.nextTimerAt, Infinity)
})

test('after a restart the trigger goes on, with the same ids', (t) => {
  const play = (restart: boolean) => {
    const harness = new TriggerHarness(Holder, {}).play('a', { advance: 4 }, 'b')
    if (restart) harness.restart()
    return harness.play({ advance: 9 }, { advance: 1 }, 'c', { advance: 10 })
  }
  const straight = play(false)
  const restarted = play(true)
  t.deepEqual(restarted.fired, straight.fired)
  t.deepEqual(
    restarted.firings.map(({ id }) => id),
    straight.firings.map(({ id }) => id),
  )
})

test('a full trigger keeps the put out, and the key free', (t) => {
  const harness = new TriggerHarness(Holder, {}, { common: { maxPending: 1 } }).play('a')
  t.is(harness.put('b'), 'busy')
  harness.advance(10)
  t.is(harness.put('b'), 'fired')
})
