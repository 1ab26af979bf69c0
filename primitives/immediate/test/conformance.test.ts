import test from 'ava'
import { testTrigger } from '@stigmergy/conformance'
import { Immediate } from '../src/index.js'

testTrigger(test, {
  primitive: Immediate,
  options: {
    valid: [{}, { ordered: true }, { maxHops: 1 }, { maxHops: 1_000_000 }],
    invalid: [null, { maxHops: 0 }, { maxHops: 1_000_001 }, { maxHops: 1.5 }, { ordered: 1 }, { hops: 3 }],
  },
  examples: [
    { name: 'each object fires alone, in order', given: ['a', 'b', 'c'], fires: [['a'], ['b'], ['c']] },
    {
      name: 'ordered firings are the same ones',
      options: { ordered: true },
      given: ['a', 'b'],
      fires: [['a'], ['b']],
    },
    { name: 'an object of no bytes fires', given: [{ put: 'a', bytes: 0 }], fires: [['a']] },
    {
      name: 'sessions do not matter',
      given: [{ put: 'a' }, { put: 'a', session: 's2' }],
      fires: [['a'], ['a']],
    },
    {
      name: 'an object behind as many functions as maxHops allows fires',
      options: { maxHops: 2 },
      given: [{ put: 'a', hops: 2 }],
      fires: [['a']],
      unsatisfied: false,
    },
    {
      name: 'one more is a loop, and the next object fires as ever',
      options: { maxHops: 2 },
      given: [{ put: 'a', hops: 3 }, 'b'],
      fires: [['b']],
      disposed: { fault: ['a'] },
      unsatisfied: 'loop',
    },
    {
      name: 'nothing is held for a flush or an end',
      given: ['a', { flush: true }, { end: 'succeeded' }],
      fires: [['a']],
    },
  ],
})
