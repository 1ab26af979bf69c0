import { checkTrigger, type Step, TriggerHarness } from '@stigmergy/conformance'
import { CountOrTime } from '@stigmergy/count-or-time'
import test from 'ava'
import {
  ByBatchSize,
  BySet,
  ByTime,
  DynamicGroup,
  type Firing,
  type ObjectRef,
  primitive,
  Redundant,
  type Status,
  Trigger,
  type TriggerContext,
} from 'stigmergy'
import { z } from 'zod'

test('S3: no crash finds an object of a batch without its timer, and after recovery the batch fires by time', (t) => {
  const harness = new TriggerHarness(CountOrTime, { maxSize: 3, maxWaitMs: 100 })
  const stored: { readonly held: number; readonly armed: number; readonly bytes: readonly Uint8Array[] }[] =
    []
  harness.journal.onDecision = (_decision, { pending, timers }) =>
    void stored.push({ held: pending.size, armed: timers?.size ?? 0, bytes: harness.snapshot() })
  harness.play('a', { advance: 30 }, 'b', 'c', 'd')
  t.deepEqual(
    stored.map(({ held, armed }) => [held, armed]),
    [
      [1, 1],
      [2, 1],
      [0, 0],
      [1, 1],
    ],
  )
  harness.restart()
  t.deepEqual(harness.describe()?.awaiting, { count: 2, until: 130 })
  harness.step({ advance: 100 })
  t.deepEqual(harness.fired, [['a', 'b', 'c'], ['d']])
})

test('S3: a batch fires by time after recovery also when its time is over by then', (t) => {
  const harness = new TriggerHarness(CountOrTime, { maxSize: 3, maxWaitMs: 100 })
  harness.play('a', { jump: 500 })
  harness.restart()
  harness.step({ advance: 0 })
  t.deepEqual(harness.fired, [['a']])
  t.deepEqual(harness.describe()?.held, [])
})

/** Fifty events of two sessions: puts, time, the end of a producer, and then of a session. */
const events: readonly Step[] = [
  ...Array.from({ length: 46 }, (_value, place): Step => {
    if (place % 5 === 4) return { advance: 30 }
    const session = place % 2 === 0 ? 's1' : 's2'
    const put = ['a', 'b', 'c'][place % 3] ?? ''
    return { put: place > 20 ? `${put}${place}` : put, session, group: `g${place % 3}`, producer: put }
  }),
  { closed: 'producer', name: 'a', session: 's1' },
  { closed: 'items', expected: 3, session: 's1' },
  { flush: true, session: 's2' },
  { end: 'succeeded', session: 's1' },
]

const subjects = {
  ByBatchSize: () => new TriggerHarness(ByBatchSize, { count: 4 }),
  ByTime: () => new TriggerHarness(ByTime, { every: 50 }),
  BySet: () => new TriggerHarness(BySet, { keys: ['a', 'b', 'c'] }),
  Redundant: () => new TriggerHarness(Redundant, { k: 3, n: 20 }),
  DynamicGroup: () => new TriggerHarness(DynamicGroup, { producers: ['a', 'b', 'c'] }),
  CountOrTime: () => new TriggerHarness(CountOrTime, { maxSize: 5, maxWaitMs: 70 }),
}

// That an authority of an older epoch wakes up and is refused waits for the cluster.
for (const [name, subject] of Object.entries(subjects))
  test(`S29: ${name} that is killed at any step of a run of 50 events fires the same under the same ids`, (t) => {
    const firings = (crashAfter?: number) => {
      const harness = subject()
      for (const [place, event] of events.entries()) {
        harness.step(event)
        if (place === crashAfter) harness.restart()
      }
      return harness.firings.map(({ id, objects, at }) => ({ id, at, keys: objects.map(({ key }) => key) }))
    }
    const uncrashed = firings()
    t.is(events.length, 50)
    t.true(uncrashed.length > 0)
    for (const place of events.keys()) t.deepEqual(firings(place), uncrashed, `killed after event ${place}`)
  })

test('S34: a trigger that was suspended for an hour gets its overdue timers once each, in order', (t) => {
  const harness = new TriggerHarness(ByTime, { every: 100, align: 'first' })
  harness.play('a', { advance: 10 }, 'b', { jump: 3_600_000 }, { advance: 0 })
  t.deepEqual(harness.fired, [['a', 'b']])
  harness.step({ advance: 3_600_000 })
  t.is(harness.fired.length, 1)
  t.is(harness.nextTimerAt, Infinity)
})

test('S34: a batch that was suspended for an hour fires once, and the next one has its whole time', (t) => {
  const harness = new TriggerHarness(CountOrTime, { maxSize: 3, maxWaitMs: 100 })
  harness.play('a', 'b', { jump: 3_600_000 }, 'c', { advance: 99 })
  t.deepEqual(harness.fired, [['a', 'b']])
  harness.step({ advance: 1 })
  t.deepEqual(harness.fired, [['a', 'b'], ['c']])
})

const none = z.record(z.string(), z.never())

interface Held {
  held: ObjectRef[]
}

/** A sound batch of three, for its descendants to spoil. */
@primitive({ name: 'sound', scope: 'bucket', stateVersion: 1, options: none })
class Sound extends Trigger<Record<string, never>, Held> {
  initialState(): Held {
    return { held: [] }
  }

  onObject(state: Held, object: ObjectRef, _ctx: TriggerContext): readonly Firing[] {
    return state.held.push(object) < 3 ? [] : [{ objects: state.held.splice(0) }]
  }

  describe({ held }: Held): Status {
    return { held, awaiting: { count: 3 - held.length } }
  }
}

@primitive({ name: 'forgetful', scope: 'bucket', stateVersion: 1, options: none })
class Forgetful extends Sound {
  override onObject(state: Held, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    return object.seq % 5 === 4 ? [] : super.onObject(state, object, ctx)
  }
}

@primitive({ name: 'wall-clock', scope: 'bucket', stateVersion: 1, options: none })
class WallClock extends Sound {
  override onObject(state: Held, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    const firings = super.onObject(state, object, ctx)
    return firings.map((firing) => ({ ...firing, meta: { at: Date.now() } }))
  }
}

@primitive({ name: 'hash-order', scope: 'bucket', stateVersion: 1, options: none })
class HashOrder extends Trigger<Record<string, never>, { held: Record<string, ObjectRef> }> {
  initialState() {
    return { held: {} }
  }

  onObject(state: { held: Record<string, ObjectRef> }, object: ObjectRef): readonly Firing[] {
    // Whole numbers as keys: the engine gives them in numeric order, not in that of arrival.
    state.held[String((object.seq * 7919) % 10_007)] = object
    if (Object.keys(state.held).length < 3) return []
    const objects = Object.values(state.held)
    state.held = {}
    return [{ objects }]
  }

  describe({ held }: { held: Record<string, ObjectRef> }): Status {
    return { held: Object.values(held), awaiting: { count: 3 - Object.keys(held).length } }
  }
}

const examples = [
  { given: ['a', 'b', 'c'], fires: [['a', 'b', 'c']] },
  { given: ['a', 'b'], fires: [], held: ['a', 'b'] },
  { given: [], fires: [] },
]

async function brokenBy(type: typeof Sound | typeof HashOrder): Promise<readonly string[]> {
  const subject = { primitive: type, options: { valid: [{}], invalid: [null, { n: 1 }] }, examples }
  const results = await checkTrigger(subject, { seed: 1, runs: 20 })
  return results.flatMap((result) => (result.ok ? [] : [result.error.message.split(':')[0] ?? '']))
}

test('S35: the suite passes a sound trigger', async (t) => {
  t.deepEqual(await brokenBy(Sound), [])
})

test('S35: the suite fails a trigger that drops every fifth object, and names what it does not hold', async (t) => {
  t.true((await brokenBy(Forgetful)).includes('P22 describe-holds'))
})

test('S35: the suite fails a trigger that reads the wall clock, and names purity', async (t) => {
  t.true((await brokenBy(WallClock)).includes('C1 purity'))
})

test('S35: the suite fails a trigger that fires in the order of a hash map, and names the examples', async (t) => {
  t.true((await brokenBy(HashOrder)).includes('P22 examples'))
})
