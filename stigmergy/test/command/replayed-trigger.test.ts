import test from 'ava'
import { byBatchSize, bySet, byTime, defineRuntime, StigmergyError } from 'stigmergy'
import type {
  ObjectRef,
  PartitionName,
  RuntimeEvent,
  StepEvent,
  TriggerOptions,
  TriggerSpec,
} from 'stigmergy'
import { ReplayedTrigger } from '../../src/command/log/replayed-trigger.js'

/** A trigger to which events happen, and what it did: time and keys of each firing, and the end of each session. */
function replayed({ primitive, options }: TriggerSpec<unknown>, common: TriggerOptions = {}) {
  const did: string[] = []
  const logged = { id: 'b.f', bucket: 'b', name: 'f', target: 'f', primitive, options, common }
  const trigger = new ReplayedTrigger('app', logged, defineRuntime(), {
    committed: (_partition, { at }, { firings }) => {
      for (const { objects } of firings) did.push(`${at} ${objects.map(({ key }) => key).join('')}`)
    },
    sessionEnded: ({ pending }, outcome) => void did.push(`${outcome}, holds ${pending.size}`),
  })
  return { did, trigger }
}

function step(partition: PartitionName, event: StepEvent): RuntimeEvent {
  const { session = '' } = partition
  return { type: 'trigger-stepped', at: event.at, session, trigger: 'b.f', partition, step: event }
}

function put(at: number, key: string, partition: PartitionName = { session: 's' }): RuntimeEvent {
  const { session = '' } = partition
  const producer = { fn: '', invocation: '', attempt: 1 }
  const object = {
    bucket: 'b',
    session,
    key,
    seq: at,
    at,
    bytes: 1,
    hops: 1,
    producer,
  } as unknown as ObjectRef
  return step(partition, { kind: 'object', at, object })
}

function ended(at: number, outcome: 'succeeded' | 'failed'): RuntimeEvent {
  return { type: 'session-ended', at, session: 's', outcome }
}

test('a timer that the log does not have rings when it is due', (t) => {
  const { did, trigger } = replayed(byBatchSize({ count: 9 }), { deadline: 50, onDeadline: 'partial' })
  for (const event of [put(0, 'a', {}), put(200, 'b', {})]) trigger.take(event)
  t.deepEqual(did, ['50 a'])
})

test('a timer of the log rings as late as it did', (t) => {
  const { did, trigger } = replayed(byBatchSize({ count: 9 }), { deadline: 50, onDeadline: 'partial' })
  for (const event of [put(0, 'a', {}), step({}, { kind: 'deadline', at: 57 })]) trigger.take(event)
  t.deepEqual(did, ['57 a'])
})

test('a timer of the log that is not armed here does nothing', (t) => {
  const { did, trigger } = replayed(byBatchSize({ count: 9 }), { deadline: 100, onDeadline: 'partial' })
  for (const event of [put(0, 'a', {}), step({}, { kind: 'deadline', at: 57 })]) trigger.take(event)
  t.deepEqual(did, [])
  trigger.finish(101)
  t.deepEqual(did, ['100 a'])
})

test('a session that ended well waits for the timers that it has now, one that failed does not', (t) => {
  for (const [outcome, expected] of [
    ['succeeded', ['20 a', 'succeeded, holds 0']],
    ['failed', ['failed, holds 1']],
  ] as const) {
    const { did, trigger } = replayed(bySet({ keys: ['a', 'z'] }), { deadline: 20, onDeadline: 'partial' })
    for (const event of [put(0, 'a'), ended(5, outcome)]) trigger.take(event)
    trigger.finish(100)
    t.deepEqual(did, [...expected])
  }
})

test('what a session holds at its end is told before it is let go', (t) => {
  const { did, trigger } = replayed(bySet({ keys: ['a', 'z'] }))
  for (const event of [put(0, 'a'), ended(5, 'succeeded')]) trigger.take(event)
  t.deepEqual(did, ['succeeded, holds 1'])
})

test('events of other triggers and sessions do not concern it', (t) => {
  const { did, trigger } = replayed(bySet({ keys: ['a', 'b'] }))
  for (const event of [
    put(0, 'a'),
    { ...put(1, 'b'), trigger: 'b.other' } as RuntimeEvent,
    { ...ended(2, 'failed'), session: 'other' },
  ])
    trigger.take(event)
  t.deepEqual(did, [])
})

test('objects of a cancelled session are dropped as they were', (t) => {
  const common: TriggerOptions = { dropCancelled: true }
  const { did, trigger } = replayed(byBatchSize({ count: 2 }), common)
  const first = put(0, 'a', {})
  const { step: event } = first as { readonly step: { readonly object: ObjectRef } }
  const { object } = event
  const reason = 'session-ended'
  for (const event of [
    first,
    { type: 'object-disposed', at: 1, session: 's', trigger: 'b.f', object, reason } satisfies RuntimeEvent,
    put(2, 'b', {}),
    put(3, 'c', {}),
  ])
    trigger.take(event)
  t.deepEqual(did, ['3 bc'])
})

test('room is made as the options of now say, whatever was evicted then', (t) => {
  const { did, trigger } = replayed(byBatchSize({ count: 3 }), { maxPending: 2, onOverflow: 'dropOldest' })
  for (const event of [put(0, 'a', {}), put(1, 'b', {}), put(2, 'c', {})]) trigger.take(event)
  t.deepEqual(did, [])
  const roomy = replayed(byBatchSize({ count: 3 }), { maxPending: 9, onOverflow: 'dropOldest' })
  const evicted = put(0, 'a', {}) as { readonly step: { readonly object: ObjectRef } }
  const evict = step({}, { kind: 'evict', at: 2, object: evicted.step.object })
  for (const event of [put(0, 'a', {}), put(1, 'b', {}), evict, put(2, 'c', {})]) roomy.trigger.take(event)
  t.deepEqual(roomy.did, ['2 abc'])
})

test('another scope than the logged one is refused', (t) => {
  const { trigger } = replayed(byTime({ every: 10 }), { scope: 'session' })
  const error = t.throws(() => trigger.take(put(0, 'a', {})), { message: /logged with the scope bucket/ })
  t.true(StigmergyError.is(error, 'STG_CONFIG_INVALID'))
})
