import test from 'ava'
import { testTrigger } from '@stigmergy/conformance'
import { ByTime } from '../src/index.js'

testTrigger(test, {
  primitive: ByTime,
  options: {
    valid: [
      { every: 10 },
      { every: 10, offset: 3 },
      { every: 10, align: 'first' },
      { every: 10, fireEmpty: true },
      { every: 10, align: 'first', fireEmpty: true, maxCatchUp: 3 },
      { every: 10, catchUp: 'merge' },
      { every: 10, catchUp: 'last', fireEmpty: true },
      { every: 1 },
      { every: 31_536_000_000 },
    ],
    invalid: [
      null,
      {},
      { every: 0 },
      { every: 0.5 },
      { every: 31_536_000_001 },
      { every: 10, offset: 10 },
      { every: 10, offset: -1 },
      { every: 10, align: 'first', offset: 1 },
      { every: 10, align: 'noon' },
      { every: 10, catchUp: 'none' },
      { every: 10, maxCatchUp: 0 },
      { every: 10, everyMs: 10 },
    ],
  },
  examples: [
    {
      name: 'a burst fires when its period has ended, whatever comes later',
      given: ['a', { advance: 4 }, 'b', { advance: 5 }, { advance: 1 }],
      fires: [['a', 'b']],
    },
    { name: 'not a millisecond earlier', given: ['a', { advance: 9 }], fires: [], held: ['a'] },
    {
      name: 'an object at the very end belongs to the next period',
      given: ['a', { advance: 10 }, 'b', { advance: 10 }],
      fires: [['a'], ['b']],
    },
    {
      name: 'periods without objects do not fire',
      given: ['a', { advance: 100 }, 'b', { advance: 10 }],
      fires: [['a'], ['b']],
    },
    {
      name: 'periods follow the clock',
      startMs: 7,
      given: ['a', { advance: 3 }, 'b', { advance: 9 }],
      fires: [['a']],
      held: ['b'],
    },
    {
      name: 'an offset shifts them',
      options: { every: 10, offset: 8 },
      startMs: 7,
      given: ['a', { advance: 1 }, 'b', { advance: 9 }],
      fires: [['a']],
      held: ['b'],
    },
    {
      name: 'they may start at the first object after a pause',
      options: { every: 10, align: 'first' },
      startMs: 7,
      given: ['a', { advance: 9 }, 'b', { advance: 6 }, 'c', { advance: 9 }, { advance: 1 }],
      fires: [['a', 'b'], ['c']],
    },
    {
      name: 'periods that are due together fire each, in order',
      given: ['a', { advance: 5 }, { jump: 10 }, 'b', { jump: 10 }, 'c', { advance: 10 }],
      fires: [['a'], ['b'], ['c']],
    },
    {
      name: 'or as one',
      options: { every: 10, catchUp: 'merge' },
      given: ['a', { jump: 10 }, 'b', { jump: 10 }, 'c', { advance: 0 }, { advance: 10 }],
      fires: [['a', 'b'], ['c']],
    },
    {
      name: 'or only the last',
      options: { every: 10, catchUp: 'last' },
      given: ['a', { jump: 10 }, 'b', { jump: 10 }, 'c', { advance: 0 }],
      fires: [['b']],
      disposed: { superseded: ['a'] },
      held: ['c'],
    },
    {
      name: 'empty periods fire from the first object on',
      options: { every: 10, fireEmpty: true },
      given: [{ advance: 50 }, 'a', { advance: 30 }],
      fires: [['a'], [], []],
    },
    {
      name: 'at most so many of them are made up for',
      options: { every: 10, fireEmpty: true, maxCatchUp: 3 },
      given: ['a', { jump: 1_000_000_005 }, { advance: 0 }],
      fires: [['a'], [], [], []],
    },
    {
      name: 'a flush fires what is there',
      given: ['a', { advance: 4 }, { flush: true }, { flush: true }, 'b', { advance: 6 }],
      fires: [['a'], ['b']],
      partial: [true, false],
    },
    {
      name: 'a period of a session fires at its end',
      common: { scope: 'session' },
      given: ['a', { end: 'succeeded' }, { advance: 10 }],
      fires: [['a']],
      partial: [true],
    },
    {
      name: 'a reset forgets the period',
      given: ['a', { reset: true }, { advance: 10 }],
      fires: [],
      disposed: { reset: ['a'] },
    },
  ],
})
