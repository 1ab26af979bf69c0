import test from 'ava'
import { testTrigger } from '@stigmergy/conformance'
import { EveryNth } from './every-nth.js'

testTrigger(test, {
  primitive: EveryNth,
  options: { valid: [{ n: 2 }], invalid: [{ n: 0 }, {}, null] },
  examples: [{ given: ['a', 'b', 'c', 'd'], fires: [['b'], ['d']] }],
})
