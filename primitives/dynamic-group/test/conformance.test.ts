import test from 'ava'
import { testTrigger } from '@stigmergy/conformance'
import { DynamicGroup } from '../src/index.js'

const producers = ['m1', 'm2']
const put = (key: string, group: string, producer: string) => ({ put: key, group, producer })
const closed = (name: string) => ({ closed: 'producer' as const, name })
const failed = (name: string) => ({ ...closed(name), outcome: 'failed' as const })
const of = (invocation: string, attempt = 1) => ({ fn: 'map', invocation, attempt })
const ended = (name: string, attempt = 1) => ({ closed: 'invocation' as const, name, fn: 'map', attempt })
const seal = (expected: number) => ({ closed: 'items' as const, expected })

testTrigger(test, {
  primitive: DynamicGroup,
  options: {
    valid: [
      { producers },
      { producers: { count: 2 } },
      { producers: 'sealed' },
      { producers, mode: 'pipelined' },
      { producers, groups: ['x', 'y'], fireEmptyGroups: true },
      { producers, defaultGroup: 'x', onProducerError: 'skip' },
      { producers, onEmpty: 'nothing' },
      { producers: ['m1'], maxGroups: 1 },
      { producers: { count: 1 } },
      { producers: ['m1'], mode: 'pipelined', groups: ['x', 'y'], fireEmptyGroups: true },
    ],
    invalid: [
      null,
      {},
      { producers: [] },
      { producers: [''] },
      { producers: ['m1', 'm1'] },
      { producers: { count: 0 } },
      { producers: 'open' },
      { producers, groups: [] },
      { producers, groups: ['x', 'x'] },
      { producers, fireEmptyGroups: true },
      { producers, groups: ['x'], defaultGroup: 'y' },
      { producers, maxGroups: 0 },
      { producers, maxGroups: 1_000_001 },
      { producers, order: 'arrival' },
      { producers, onEmpty: '' },
      { producers, reducers: 3 },
    ],
  },
  targets: ['nothing'],
  examples: [
    {
      name: 'groups fire when all producers are closed, each by producer and then by arrival',
      given: [
        put('b', 'y', 'm2'),
        put('a', 'x', 'm2'),
        put('c', 'x', 'm1'),
        put('d', 'x', 'm2'),
        closed('m1'),
        closed('m2'),
      ],
      fires: [['c', 'a', 'd'], ['b']],
      held: [],
    },
    {
      name: 'groups fire in the order of their bytes, which is not that of strings',
      options: { producers: ['m1'] },
      given: [put('a', '\u{1f41c}', 'm1'), put('b', '\uff5e', 'm1'), put('c', 'z', 'm1'), closed('m1')],
      fires: [['c'], ['b'], ['a']],
    },
    {
      name: 'an object may be in several groups',
      options: { producers: ['m1'] },
      given: [{ put: 'a', groups: ['y', 'x', 'y'], producer: 'm1' }, put('b', 'x', 'm1'), closed('m1')],
      fires: [['a', 'b'], ['a']],
      held: [],
      disposed: {},
    },
    {
      name: 'an object of a closed producer is late',
      given: [closed('m1'), put('a', 'x', 'm1'), closed('m1'), closed('m2')],
      fires: [],
      disposed: { 'late-closed': ['a'] },
    },
    {
      name: 'objects of others and of no group are let go',
      given: [
        put('a', 'x', 'm3'),
        { put: 'b', producer: 'm1' },
        put('c', 'x', 'm1'),
        closed('m1'),
        closed('m2'),
      ],
      fires: [['c']],
      disposed: { unmatched: ['a'], fault: ['b'] },
    },
    {
      name: 'there may be a group for these',
      options: { producers: ['m1'], defaultGroup: 'rest' },
      given: [{ put: 'a', producer: 'm1' }, put('b', 'x', 'm1'), closed('m1')],
      fires: [['a'], ['b']],
    },
    {
      name: 'only declared groups are taken, and empty ones may fire',
      options: { producers: ['m1'], groups: ['x', 'y', 'z'], fireEmptyGroups: true },
      given: [put('a', 'y', 'm1'), put('b', 'w', 'm1'), closed('m1')],
      fires: [[], ['a'], []],
      disposed: { unmatched: ['b'] },
    },
    {
      name: 'without data nothing fires',
      given: [closed('m1'), closed('m2')],
      fires: [],
      unsatisfied: false,
    },
    {
      name: 'or what is meant for that',
      options: { producers, onEmpty: 'nothing' },
      given: [closed('m1'), closed('m2'), closed('m2')],
      fires: [[]],
      targets: ['nothing'],
    },
    {
      name: 'a producer that is not expected cannot be closed',
      given: [closed('m3')],
      fires: [],
      refused: 'STG_TRIGGER_SEAL_CONFLICT',
    },
    {
      name: 'functions are producers by their names, and others do not matter',
      options: { producers: ['map'] },
      given: [
        { put: 'a', group: 'x', ...of('i1') },
        { closed: 'invocation', name: 'i9', fn: 'other' },
        ended('i1'),
      ],
      fires: [['a']],
    },
    {
      name: 'where only the number is known, invocations are producers',
      options: { producers: { count: 2 } },
      given: [
        { put: 'b', group: 'x', ...of('i2') },
        { put: 'a', group: 'x', ...of('i1') },
        ended('i1'),
        { put: 'c', group: 'x', ...of('i3') },
        ended('i2'),
      ],
      fires: [['b', 'a']],
      disposed: { unmatched: ['c'] },
    },
    {
      name: 'an invocation ends the producers that it has put as',
      given: [{ ...put('a', 'x', 'm1'), ...of('i1') }, { ...put('b', 'x', 'm2'), ...of('i1') }, ended('i1')],
      fires: [['a', 'b']],
    },
    {
      name: 'a seal may say how many there are, once',
      options: { producers: 'sealed' },
      given: [put('a', 'x', 'm1'), closed('m1'), closed('m2'), seal(3), seal(3), seal(4), closed('m3')],
      fires: [['a']],
      refused: 'STG_TRIGGER_SEAL_CONFLICT',
    },
    {
      name: 'only what the last attempt has put counts',
      options: { producers: ['map'] },
      given: [
        { put: 'a', group: 'x', ...of('i1') },
        { put: 'b', groups: ['x', 'y'], ...of('i1') },
        { put: 'a', group: 'x', ...of('i1', 2) },
        { put: 'c', group: 'x', ...of('i1', 2) },
        ended('i1', 2),
      ],
      fires: [['a', 'c']],
      disposed: { superseded: ['b'] },
    },
    {
      name: 'a producer that fails ends the shuffle',
      given: [put('a', 'x', 'm1'), failed('m2')],
      fires: [],
      unsatisfied: 'failed',
      disposed: { 'session-ended': ['a'] },
    },
    {
      name: 'or is left out with all that it has put',
      options: { producers, onProducerError: 'skip' },
      given: [put('a', 'x', 'm1'), put('b', 'x', 'm2'), put('c', 'y', 'm2'), failed('m2'), closed('m1')],
      fires: [['a']],
      disposed: { superseded: ['b', 'c'] },
      unsatisfied: false,
    },
    {
      name: 'the end of the session closes whoever has put',
      given: [put('a', 'x', 'm1'), put('b', 'x', 'm2'), { end: 'succeeded' }],
      fires: [['a', 'b']],
    },
    {
      name: 'whoever has not is missing then',
      given: [put('a', 'x', 'm1'), { end: 'succeeded' }],
      fires: [],
      unsatisfied: 'missing',
    },
    {
      name: 'a shuffle that nobody has begun ends in silence',
      given: [{ end: 'succeeded' }],
      fires: [],
      unsatisfied: false,
    },
    {
      name: 'a pipelined group fires when its own contributors are closed',
      options: { producers: ['m1', 'm2', 'm3'], mode: 'pipelined' },
      given: [
        { ...put('a', 'x', 'm1'), meta: { contributors: ['m1', 'm2'] } },
        put('b', 'y', 'm3'),
        put('c', 'x', 'm2'),
        closed('m2'),
        put('d', 'x', 'm3'),
        closed('m1'),
        put('e', 'x', 'm3'),
        closed('m3'),
      ],
      fires: [['a', 'c'], ['b']],
      disposed: { unmatched: ['d'], 'late-closed': ['e'] },
    },
    {
      name: 'an object of two pipelined groups waits for both',
      options: { producers, mode: 'pipelined' },
      given: [
        { ...put('a', 'x', 'm1'), meta: { contributors: ['m1'] } },
        { put: 'b', groups: ['x', 'y'], producer: 'm1' },
        closed('m1'),
        closed('m2'),
      ],
      fires: [['a', 'b'], ['b']],
      held: [],
    },
    {
      name: 'one group more than allowed ends the shuffle',
      options: { producers: ['m1'], maxGroups: 1 },
      given: [put('a', 'x', 'm1'), put('b', 'y', 'm1')],
      fires: [],
      unsatisfied: 'overflow',
      disposed: { overflow: ['b'], 'session-ended': ['a'] },
    },
  ],
})
