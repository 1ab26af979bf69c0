import test from 'ava'
import { testTrigger, TriggerHarness } from '@stigmergy/conformance'
import { CountOrTime } from '../src/index.js'

const bytes = (put: string, size: number) => ({ put, bytes: size })

testTrigger(test, {
  primitive: CountOrTime,
  options: {
    valid: [
      { maxSize: 3, maxWaitMs: 10 },
      { maxSize: 2 },
      { maxWaitMs: 10 },
      { maxSize: 1, maxWaitMs: 31_536_000_000 },
      { maxSize: 1_000_000, maxWaitMs: 1 },
      { maxSize: 3, maxWaitMs: 10, maxBytes: 10 },
      { maxWaitMs: 10, maxBytes: 1 },
      { maxSize: 4, maxWaitMs: 10, minSize: 3, maxTotalWaitMs: 25 },
      { maxWaitMs: 10, minSize: 3, maxTotalWaitMs: 10 },
    ],
    invalid: [
      null,
      {},
      { maxBytes: 10 },
      { maxSize: 0, maxWaitMs: 10 },
      { maxSize: -1 },
      { maxSize: 1_000_001 },
      { maxSize: 2.5 },
      { maxWaitMs: 0 },
      { maxWaitMs: 31_536_000_001 },
      { maxSize: 2, maxBytes: 0 },
      { maxSize: 2, maxWaitMs: 10, minSize: 0 },
      { maxSize: 2, maxWaitMs: 10, minSize: 3, maxTotalWaitMs: 20 },
      { maxSize: 3, maxWaitMs: 10, minSize: 2 },
      { maxSize: 3, minSize: 2, maxTotalWaitMs: 20 },
      { maxSize: 3, maxWaitMs: 10, maxTotalWaitMs: 20 },
      { maxSize: 3, maxWaitMs: 10, minSize: 2, maxTotalWaitMs: 9 },
      { maxSize: 3, maxWaitMs: 10, size: 3 },
    ],
  },
  examples: [
    {
      name: 'a full batch fires at once',
      given: ['a', 'b', 'c', 'd'],
      fires: [['a', 'b', 'c']],
      held: ['d'],
    },
    { name: 'the rest waits', given: ['a', { advance: 9 }, 'b'], fires: [], held: ['a', 'b'] },
    {
      name: 'and fires when its first object has waited long enough',
      given: ['a', { advance: 9 }, 'b', { advance: 1 }],
      fires: [['a', 'b']],
      partial: [false],
    },
    {
      name: 'the time of each batch counts from its own first object',
      given: ['a', { advance: 5 }, 'b', 'c', 'd', { advance: 9 }],
      fires: [['a', 'b', 'c']],
      held: ['d'],
    },
    {
      name: 'filled at the instant at which it is due, it fires once',
      given: ['a', 'b', { jump: 10 }, 'c', { advance: 20 }],
      fires: [['a', 'b', 'c']],
    },
    {
      name: 'an object at the very end is of the batch',
      given: ['a', { jump: 10 }, 'b', { advance: 0 }],
      fires: [['a', 'b']],
    },
    {
      name: 'without a time the rest waits for ever',
      options: { maxSize: 2 },
      given: ['a', 'b', 'c', { advance: 1_000 }],
      fires: [['a', 'b']],
      held: ['c'],
    },
    {
      name: 'without a size only time and flushes fire',
      options: { maxWaitMs: 10 },
      given: ['a', 'b', 'c', 'd', 'e', { advance: 10 }, 'f', { flush: true }],
      fires: [['a', 'b', 'c', 'd', 'e'], ['f']],
      partial: [false, true],
    },
    {
      name: 'an object that would be too many bytes fires the others first',
      options: { maxSize: 3, maxWaitMs: 10, maxBytes: 10 },
      given: [bytes('a', 4), bytes('b', 6), bytes('c', 1)],
      fires: [['a', 'b']],
      held: ['c'],
    },
    {
      name: 'and begins the next batch, with a time of its own',
      options: { maxSize: 3, maxWaitMs: 10, maxBytes: 10 },
      given: [bytes('a', 10), { advance: 5 }, bytes('b', 1), { advance: 9 }],
      fires: [['a']],
      held: ['b'],
    },
    {
      name: 'one that is too many bytes by itself fires alone, after the others',
      options: { maxSize: 3, maxWaitMs: 10, maxBytes: 10 },
      given: [bytes('a', 4), bytes('b', 11), bytes('c', 0), { advance: 10 }],
      fires: [['a'], ['b'], ['c']],
    },
    {
      name: 'the last object that fits may fill the batch as well',
      options: { maxSize: 3, maxWaitMs: 10, maxBytes: 10 },
      given: [bytes('a', 5), bytes('b', 5), bytes('c', 0)],
      fires: [['a', 'b', 'c']],
    },
    {
      name: 'a batch that is too small when its time is over waits again, but not for ever',
      options: { maxSize: 4, maxWaitMs: 10, minSize: 3, maxTotalWaitMs: 25 },
      given: ['a', { advance: 24 }, 'b', { advance: 1 }],
      fires: [['a', 'b']],
    },
    {
      name: 'it looks again when it has waited again, and not before',
      options: { maxSize: 4, maxWaitMs: 10, minSize: 3, maxTotalWaitMs: 25 },
      given: ['a', { advance: 11 }, 'b', 'c', { advance: 8 }, 'd1', { advance: 1 }],
      fires: [['a', 'b', 'c', 'd1']],
    },
    {
      name: 'large enough, it fires at the next look',
      options: { maxSize: 4, maxWaitMs: 10, minSize: 3, maxTotalWaitMs: 25 },
      given: ['a', { advance: 11 }, 'b', 'c', { advance: 9 }],
      fires: [['a', 'b', 'c']],
    },
    {
      name: 'a flush fires a batch whatever its minimum',
      options: { maxSize: 4, maxWaitMs: 10, minSize: 3, maxTotalWaitMs: 25 },
      given: ['a', 'b', { flush: true }],
      fires: [['a', 'b']],
      partial: [true],
    },
    { name: 'a flush of nothing fires nothing', given: [{ flush: true }], fires: [] },
    {
      name: 'after a flush the next batch has its whole time',
      given: ['a', { advance: 9 }, { flush: true }, 'b', { advance: 9 }],
      fires: [['a']],
      held: ['b'],
    },
    {
      name: 'a reset disposes the batch and disarms its timer',
      given: ['a', { reset: true }, { advance: 5 }, 'b', { advance: 5 }],
      fires: [],
      disposed: { reset: ['a'] },
      held: ['b'],
    },
    {
      name: 'an overdue batch fires late, in one piece',
      given: ['a', { jump: 3_600_000 }, 'b'],
      fires: [['a']],
      held: ['b'],
    },
    {
      name: 'a batch of a bucket mixes sessions and outlives them',
      given: [
        { put: 'a', session: 's1' },
        { end: 'succeeded', session: 's1' },
        { put: 'b', session: 's2' },
        { advance: 10 },
      ],
      fires: [['a', 'b']],
    },
    {
      name: 'a batch of a session fires what is left at its end',
      common: { scope: 'session' },
      given: [
        { put: 'a', session: 's1' },
        { put: 'b', session: 's2' },
        { end: 'succeeded', session: 's1' },
      ],
      fires: [['a']],
      partial: [true],
      held: ['b'],
    },
    {
      name: 'each partition has its own batch',
      common: { partitionBy: ({ key }) => key.slice(0, 1) },
      given: ['a1', 'b1', 'a2', 'a3', { advance: 10 }],
      fires: [['a1', 'a2', 'a3'], ['b1']],
    },
  ],
})

test('a firing says what made it', (t) => {
  const options = { maxSize: 2, maxWaitMs: 10, maxBytes: 10 }
  const harness = new TriggerHarness(CountOrTime, options)
  harness.play('a', 'b', 'c', { advance: 10 }, bytes('d', 9), bytes('e', 9), { flush: true })
  t.deepEqual(
    harness.firings.map(({ cause, objects }) => [cause, ...objects.map(({ key }) => key)]),
    [
      ['size', 'a', 'b'],
      ['time', 'c'],
      ['bytes', 'd'],
      ['flush', 'e'],
    ],
  )
})

test('at the instant at which it is due a full batch fires by size, and its timer is disarmed', (t) => {
  const harness = new TriggerHarness(CountOrTime, { maxSize: 2, maxWaitMs: 10 })
  harness.play('a', { jump: 10 }, 'b')
  t.deepEqual(
    harness.firings.map(({ cause }) => cause),
    ['size'],
  )
  t.is(harness.nextTimerAt, Infinity)
})

test('a timer is armed if and only if something is held', (t) => {
  const harness = new TriggerHarness(CountOrTime, { maxSize: 2, maxWaitMs: 10 })
  for (const step of [
    'a',
    'b',
    'c',
    { advance: 10 },
    'd',
    { flush: true as const },
    'e',
    { reset: true as const },
  ]) {
    harness.step(step)
    t.is(harness.timers().size, harness.ledger.pending === 0 ? 0 : 1)
  }
})

test('the timer of an earlier batch has no effect on the next', (t) => {
  const harness = new TriggerHarness(CountOrTime, { maxSize: 2, maxWaitMs: 10 })
  harness.play('a', { advance: 5 }, 'b', 'c', { advance: 5 })
  const [partition] = harness.partitions('s1')
  // As if the timer of the first batch had been under way when it was disarmed.
  harness.cell.timers.change(partition!, 'wait', 10)
  harness.clock.runDue()
  t.deepEqual(harness.fired, [['a', 'b']])
  t.deepEqual(
    harness.describe()?.held.map(({ key }) => key),
    ['c'],
  )
})

test('a batch that is evicted to nothing has no timer', (t) => {
  const settings = { common: { maxPending: 1, onOverflow: 'dropOldest' as const } }
  const harness = new TriggerHarness(CountOrTime, { maxSize: 3, maxWaitMs: 10 }, settings)
  harness.play('a', { advance: 4 }, 'b')
  t.deepEqual(harness.disposed, { overflow: ['a'] })
  t.deepEqual([...harness.timers()], [['wait', 14]])
})
