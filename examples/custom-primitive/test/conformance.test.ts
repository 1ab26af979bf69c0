import test from 'ava'
import { testTrigger } from '@stigmergy/conformance'
import { Debounce } from '../src/index.js'

testTrigger(test, {
  primitive: Debounce,
  options: {
    valid: [{ waitMs: 10 }, { waitMs: 10, maxWaitMs: 15 }, { waitMs: 1, maxWaitMs: 1 }],
    invalid: [{}, { waitMs: 0 }, { waitMs: 0.5 }, { waitMs: 10, maxWaitMs: 9 }],
  },
  examples: [
    {
      name: 'each object makes the trigger wait anew',
      given: ['a', { advance: 9 }, 'b', { advance: 9 }, 'c', { advance: 10 }],
      fires: [['c']],
      disposed: { superseded: ['a', 'b'] },
    },
    {
      name: 'a burst does not last longer than it may',
      options: { waitMs: 10, maxWaitMs: 15 },
      given: ['a', { advance: 9 }, 'b', { advance: 6 }],
      fires: [['b']],
    },
    {
      name: 'an object at the very end prolongs the burst',
      given: ['a', { jump: 10 }, 'b', { advance: 10 }],
      fires: [['b']],
    },
    {
      name: 'an object after the end begins another burst, however late the timer is',
      given: ['a', { jump: 11 }, 'b'],
      fires: [['a']],
      held: ['b'],
    },
  ],
})
