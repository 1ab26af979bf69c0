import { TriggerHarness } from '@stigmergy/conformance'
import { restoreSnapshot, takeSnapshot } from '@stigmergy/core/cell'
import test, { type ExecutionContext } from 'ava'
import { ByBatchSize, byBatchSize, CborCodec, defineApp, immediate, type WorkerLimits } from 'stigmergy'
import { leftovers, nothing, ofType, turns, world, type World } from './world.js'

/** A function that puts what a trigger of its session hands on: a request, a firing, and keys that the runtime makes. */
const relay = defineApp('app', (app) => {
  const notes = app.bucket<number>('notes')
  notes.when(
    immediate(),
    app.fn<number>('read', () => undefined),
    { scope: 'session' },
  )
  return app.fn('write', (_fired, { put }) => void put(notes, undefined, 1))
})

async function live(here: World, session: string): Promise<void> {
  await here.runtime.invoke(relay.handles, 1, { session }).ended
}

/** The ids that receivers tell work apart by. */
function idsOf(here: World): readonly string[] {
  return ofType(here, 'function-started').map(({ invocation }) => invocation)
}

async function relayed(t: ExecutionContext, limits: Partial<WorkerLimits> = {}): Promise<World> {
  return world(t, relay, { limits })
}

for (const [what, limits, passMs] of [
  ['at once, where no names are kept', { maxTombstones: 0 }, 0],
  ['when its time is over', { sessionTombstoneMs: 10 }, 10],
] as const)
  test(`a session whose name is used again, ${what}, repeats no id`, async (t) => {
    const here = await relayed(t, limits)
    for (let lives = 0; lives < 3; lives += 1) {
      await live(here, 's')
      here.clock.advance(passMs)
    }
    const ids = idsOf(here)
    t.is(ids.length, 6)
    t.is(new Set(ids).size, 6)
    const keys = ofType(here, 'object-put').map(({ object }) => object.key)
    t.is(new Set(keys).size, 3)
  })

test('a session whose name had to make room for others repeats no id', async (t) => {
  const here = await relayed(t, { maxTombstones: 2 })
  for (const session of ['s', 'a', 'b', 's']) await live(here, session)
  t.is(new Set(idsOf(here)).size, 8)
})

test('the ids of a session depend on its name only, until the name may have been used before', async (t) => {
  const [one, other] = [await relayed(t), await relayed(t, { sessionTombstoneMs: 10 })]
  other.clock.advance(5)
  await live(other, 'another')
  other.clock.advance(5)
  for (const here of [one, other]) await live(here, 's')
  t.deepEqual(idsOf(other).slice(2), idsOf(one))
})

test('the same lives at the same times have the same ids', async (t) => {
  const [one, other] = [await relayed(t, { maxTombstones: 0 }), await relayed(t, { maxTombstones: 0 })]
  for (const here of [one, other])
    for (let lives = 0; lives < 3; lives += 1) {
      await live(here, 's')
      here.clock.advance(lives)
    }
  t.deepEqual(idsOf(other), idsOf(one))
})

test('a state goes on with the ids of its life after a restart', (t) => {
  const [before, after] = [1, 2].map(
    () => new TriggerHarness(ByBatchSize, { count: 2 }, { common: { scope: 'session' } }).cell,
  )
  const codec = new CborCodec()
  const first = before!.partitions.open({ session: 's' })
  const firstId = first.firingId(0)
  before!.drop(first, 'session-ended')
  const second = before!.partitions.open({ session: 's' })
  second.life = 1_234
  t.not(second.firingId(0), firstId)
  t.is(restoreSnapshot(after!, takeSnapshot(second, codec), codec).firingId(0), second.firingId(0))
})

/** A bucket-scoped trigger that holds what comes until it is flushed, and drops what belongs to a cancelled session. */
const dropping = defineApp('app', (app) => {
  const events = app.bucket<number>('events')
  events.when(
    byBatchSize({ count: 10 }),
    app.fn<number>('take', () => undefined),
    { dropCancelled: true },
  )
  return { events }
})

async function held(t: ExecutionContext) {
  const here = await world(t, dropping, { limits: { maxTombstones: 0 } })
  const take = here.runtime.bucket('events').trigger('take')
  const fired = () => ofType(here, 'trigger-fired').map(({ objects }) => objects.map(({ key }) => key))
  return { here, take, fired, events: dropping.handles.events }
}

test('a cancelled session takes only its own objects along, not those of an earlier one of its name', async (t) => {
  const { here, take, fired, events } = await held(t)
  const first = here.runtime.session({ session: 's' })
  await first.put(events, 'a', 1)
  await first.end()
  const second = here.runtime.session({ session: 's' })
  await second.put(events, 'b', 2)
  second.cancel()
  t.deepEqual(take.ledger.disposed, { 'session-ended': 1 })
  take.flush()
  await turns()
  t.deepEqual(fired(), [['a']])
  t.deepEqual(leftovers(here), nothing)
})

test('what a paused trigger holds of a cancelled session never fires', async (t) => {
  const { here, take, fired, events } = await held(t)
  const [cancelled, ended] = [here.runtime.session(), here.runtime.session()]
  await cancelled.put(events, 'delivered', 1)
  await ended.put(events, 'kept', 2)
  take.pause()
  await cancelled.put(events, 'waiting', 3)
  await ended.end()
  cancelled.cancel()
  t.deepEqual(take.ledger.disposed, { 'session-ended': 1 })
  take.resume()
  t.deepEqual(take.ledger.disposed, { 'session-ended': 2 })
  take.flush()
  await turns()
  t.deepEqual(fired(), [['kept']])
  t.deepEqual(leftovers(here), nothing)
})
