import test from 'ava'
import { testTrigger } from '@stigmergy/conformance'
import { ByBatchSize } from '../src/index.js'

testTrigger(test, {
  primitive: ByBatchSize,
  options: {
    valid: [{ count: 2 }, { count: 1 }, { count: 3 }, { count: 1_000_000 }],
    invalid: [
      null,
      {},
      { count: 0 },
      { count: -1 },
      { count: 2.5 },
      { count: 1_000_001 },
      { count: 2, size: 2 },
    ],
  },
  examples: [
    {
      name: 'full batches fire',
      given: ['a', 'b', 'c', 'd'],
      fires: [
        ['a', 'b'],
        ['c', 'd'],
      ],
    },
    { name: 'the remainder waits', given: ['a', 'b', 'c'], fires: [['a', 'b']], held: ['c'] },
    {
      name: 'a batch of one is every object',
      options: { count: 1 },
      given: ['a', 'b'],
      fires: [['a'], ['b']],
    },
    {
      name: 'a flush fires the remainder, and the next batch is full again',
      given: ['a', { flush: true }, 'b', 'c'],
      fires: [['a'], ['b', 'c']],
      partial: [true, false],
    },
    { name: 'a flush of nothing fires nothing', given: ['a', 'b', { flush: true }], fires: [['a', 'b']] },
    {
      name: 'a reset disposes the remainder',
      given: ['a', { reset: true }, 'b', 'c'],
      fires: [['b', 'c']],
      disposed: { reset: ['a'] },
    },
    {
      name: 'a batch of a bucket mixes sessions and outlives them',
      given: [
        { put: 'a', session: 's1' },
        { end: 'succeeded', session: 's1' },
        { put: 'b', session: 's2' },
      ],
      fires: [['a', 'b']],
    },
    {
      name: 'a batch of a session does neither, and fires what is left at the end',
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
      name: 'a cancelled session fires nothing',
      common: { scope: 'session' },
      given: ['a', { end: 'cancelled' }],
      fires: [],
      disposed: { 'session-ended': ['a'] },
    },
  ],
})
