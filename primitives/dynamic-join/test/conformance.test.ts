import test from 'ava'
import { testTrigger } from '@stigmergy/conformance'
import { DynamicJoin } from '../src/index.js'

const parallel = 'work'
const item = (put: string) => ({ put, role: 'item' })
const result = (put: string, tagOf: string) => ({ put, tagOf, fn: 'work', invocation: `work-${tagOf}` })
const ended = (tagOf: string) => ({ closed: 'item' as const, tagOf })
const failed = (tagOf: string) => ({ ...ended(tagOf), outcome: 'failed' as const })
const seal = { closed: 'items' as const }

testTrigger(test, {
  primitive: DynamicJoin,
  options: {
    valid: [
      { parallel },
      { parallel, eager: false },
      { parallel, maxParallel: 1 },
      { parallel, maxItems: 2 },
      { parallel, resultsPerItem: 'many', onItemError: 'collect' },
      { parallel, onItemError: 'skip', fireEmpty: false },
      { parallel, onItemError: 'collect', tolerate: { count: 1 } },
      { parallel, tolerate: { percent: 50 } },
      { parallel, sealOnSessionEnd: false },
    ],
    invalid: [
      null,
      {},
      { parallel: '' },
      { parallel, maxItems: 0 },
      { parallel, maxItems: 1_000_001 },
      { parallel, maxParallel: -1 },
      { parallel, resultsPerItem: 'two' },
      { parallel, onItemError: 'retry' },
      { parallel, tolerate: 1 },
      { parallel, tolerate: { count: -1 } },
      { parallel, tolerate: { percent: 101 } },
      { parallel, tolerate: { count: 1, percent: 1 } },
      { parallel, join: 'merge' },
    ],
  },
  targets: [parallel],
  examples: [
    {
      name: 'items start as they come, and results are joined in the order of the items',
      given: [item('a'), item('b'), result('rb', 'b'), seal, result('ra', 'a')],
      fires: [['a'], ['b'], ['ra', 'rb']],
      targets: ['work', 'work', 'target'],
      held: [],
    },
    {
      name: 'a set that is not sealed waits',
      given: [item('a'), result('ra', 'a')],
      fires: [['a']],
      held: ['ra'],
    },
    { name: 'no items are joined too', given: [{ ...seal, expected: 0 }], fires: [[]], targets: ['target'] },
    {
      name: 'unless nothing is wanted then',
      options: { parallel, fireEmpty: false },
      given: [{ ...seal, expected: 0 }],
      fires: [],
      unsatisfied: false,
    },
    {
      name: 'a seal may overtake its items',
      given: [{ ...seal, expected: 2 }, item('a'), result('ra', 'a'), item('b'), result('rb', 'b')],
      fires: [['a'], ['b'], ['ra', 'rb']],
    },
    {
      name: 'an item behind the last one is refused',
      given: [item('a'), seal, item('b'), result('ra', 'a')],
      fires: [['a'], ['ra']],
      disposed: { 'late-closed': ['b'] },
      refused: 'STG_TRIGGER_SEALED',
    },
    {
      name: 'a seal may be repeated',
      given: [item('a'), seal, seal, { ...seal, expected: 1 }, result('ra', 'a')],
      fires: [['a'], ['ra']],
    },
    {
      name: 'but not changed',
      given: [item('a'), seal, { ...seal, expected: 2 }, result('ra', 'a')],
      fires: [['a'], ['ra']],
      refused: 'STG_TRIGGER_SEAL_CONFLICT',
    },
    {
      name: 'a seal cannot undo items',
      given: [item('a'), item('b'), { ...seal, expected: 1 }],
      fires: [['a'], ['b']],
      refused: 'STG_TRIGGER_SEAL_CONFLICT',
    },
    {
      name: 'an item and its result may have one key',
      given: [item('a'), result('a', 'a'), seal],
      fires: [['a'], ['a']],
    },
    {
      name: 'a second result is surplus, and what is no result is unmatched',
      given: [item('a'), result('r1', 'a'), result('r2', 'a'), 'other', seal, result('r3', 'a')],
      fires: [['a'], ['r1']],
      disposed: { surplus: ['r2', 'r3'], unmatched: ['other'] },
    },
    {
      name: 'an item may have many results, and is done when its function has ended',
      options: { parallel, resultsPerItem: 'many' },
      given: [
        item('a'),
        item('b'),
        result('b1', 'b'),
        result('a1', 'a'),
        result('b2', 'b'),
        seal,
        ended('b'),
        ended('a'),
      ],
      fires: [['a'], ['b'], ['a1', 'b1', 'b2']],
    },
    {
      name: 'items may start when the set is sealed',
      options: { parallel, eager: false },
      given: [item('a'), item('b'), seal, result('rb', 'b'), result('ra', 'a')],
      fires: [['a'], ['b'], ['ra', 'rb']],
    },
    {
      name: 'so many items run at a time, in order',
      options: { parallel, maxParallel: 1 },
      given: [item('a'), item('b'), item('c'), seal, result('ra', 'a'), result('rb', 'b'), result('rc', 'c')],
      fires: [['a'], ['b'], ['c'], ['ra', 'rb', 'rc']],
    },
    {
      name: 'a failed item ends the join',
      given: [item('a'), item('b'), result('ra', 'a'), failed('b')],
      fires: [['a'], ['b']],
      unsatisfied: 'failed',
      disposed: { 'session-ended': ['ra'] },
    },
    {
      name: 'an item that ends without its result has failed',
      given: [item('a'), ended('a')],
      fires: [['a']],
      unsatisfied: 'failed',
    },
    {
      name: 'failed items may be skipped, with what they have put',
      options: { parallel, onItemError: 'skip', resultsPerItem: 'many' },
      given: [item('a'), item('b'), result('rb', 'b'), result('ra', 'a'), seal, failed('a'), ended('b')],
      fires: [['a'], ['b'], ['rb']],
      disposed: { superseded: ['ra'] },
      unsatisfied: false,
    },
    {
      name: 'so many failures are tolerated, and not one more',
      options: { parallel, onItemError: 'skip', tolerate: { count: 1 } },
      given: [item('a'), item('b'), item('c'), failed('a'), result('rc', 'c'), failed('b')],
      fires: [['a'], ['b'], ['c']],
      unsatisfied: 'failed',
    },
    {
      name: 'a percentage is of the items that are expected, rounded down',
      options: { parallel, tolerate: { percent: 50 } },
      given: [item('a'), item('b'), item('c'), failed('a'), failed('b'), seal],
      fires: [['a'], ['b'], ['c']],
      unsatisfied: 'failed',
    },
    {
      name: 'failed items alone are an empty join',
      options: { parallel, onItemError: 'collect' },
      given: [item('a'), failed('a'), seal],
      fires: [['a'], []],
    },
    {
      name: 'one item more than allowed ends the join',
      options: { parallel, maxItems: 1 },
      given: [item('a'), item('b')],
      fires: [['a']],
      unsatisfied: 'overflow',
      disposed: { overflow: ['b'] },
    },
    {
      name: 'the end of the session seals',
      given: [item('a'), result('ra', 'a'), { closed: 'session' }],
      fires: [['a'], ['ra']],
    },
    {
      name: 'unless somebody else must',
      options: { parallel, sealOnSessionEnd: false },
      given: [item('a'), result('ra', 'a'), { end: 'succeeded' }],
      fires: [['a']],
      unsatisfied: 'unsealed',
    },
    {
      name: 'items that were announced and have not come are missing at the end of the session',
      given: [{ ...seal, expected: 2 }, item('a'), result('ra', 'a'), { end: 'succeeded' }],
      fires: [['a']],
      unsatisfied: 'missing',
    },
    {
      name: 'a session without items ends in silence',
      given: ['other', { end: 'succeeded' }],
      fires: [],
      unsatisfied: false,
    },
  ],
})
