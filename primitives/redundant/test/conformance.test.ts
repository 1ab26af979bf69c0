import test from 'ava'
import { testTrigger } from '@stigmergy/conformance'
import { Redundant } from '../src/index.js'

const from = (invocation: string, put = invocation) => ({ put, fn: 'ask', invocation })
const ended = (name: string) => ({ closed: 'invocation' as const, name, fn: 'ask' })
const failed = (name: string) => ({ ...ended(name), outcome: 'failed' as const })
const hedge = { source: 'ask', start: 1, everyMs: 10 }
const request = { put: 'q', role: 'request' }
const answer = (tag: string) => ({ put: `answer ${tag}`, tag, fn: 'ask', invocation: `i${tag}` })

testTrigger(test, {
  primitive: Redundant,
  options: {
    valid: [
      { k: 2, n: 3 },
      { k: 1, n: 1 },
      { k: 3, n: 3, distinctBy: 'key' },
      { k: 2, n: 3, distinctBy: 'producer', onSurplus: 'keep' },
      { k: 2, n: 3, onDeficit: 'partial' },
      { k: 2, n: 3, onDeficit: 'fallback', fallback: 'guess' },
      { k: 1, n: 3, hedge },
      { k: 2, n: 2, hedge: { ...hedge, start: 2 } },
    ],
    invalid: [
      null,
      {},
      { k: 2 },
      { k: 0, n: 1 },
      { k: 3, n: 2 },
      { k: 1, n: 10_001 },
      { k: 1.5, n: 2 },
      { k: 1, n: 2, distinctBy: 'value' },
      { k: 1, n: 2, onDeficit: 'fallback' },
      { k: 1, n: 2, fallback: 'guess' },
      { k: 1, n: 2, hedge: { ...hedge, start: 3 } },
      { k: 1, n: 2, hedge: { ...hedge, start: 0 } },
      { k: 1, n: 2, hedge: { ...hedge, everyMs: 0 } },
      { k: 1, n: 2, hedge: { source: 'ask', start: 1 } },
      { k: 1, n: 2, of: 3 },
    ],
  },
  targets: ['guess', 'ask'],
  examples: [
    {
      name: 'the first k fire, in order of arrival',
      given: [from('i2'), from('i1'), from('i3'), from('i4')],
      fires: [['i2', 'i1']],
      disposed: { surplus: ['i3'], 'late-closed': ['i4'] },
    },
    { name: 'one of one is the first', options: { k: 1, n: 1 }, given: ['a', 'b'], fires: [['a']] },
    {
      name: 'k of k is all, in every session',
      options: { k: 3, n: 3 },
      given: ['s1', 's2', 's3'].flatMap((session) => ['a', 'b', 'c'].map((put) => ({ put, session }))),
      fires: [
        ['a', 'b', 'c'],
        ['a', 'b', 'c'],
        ['a', 'b', 'c'],
      ],
      disposed: {},
    },
    {
      name: 'a second object of an invocation does not count',
      given: [from('i1', 'a'), from('i1', 'b'), from('i2', 'c')],
      fires: [['a', 'c']],
      disposed: { surplus: ['b'] },
    },
    {
      name: 'producers may be told apart by the names they give themselves',
      options: { k: 2, n: 3, distinctBy: 'producer' },
      given: [
        { ...from('i1', 'a'), producer: 'east' },
        { ...from('i2', 'b'), producer: 'east' },
        { ...from('i3', 'c'), producer: 'west' },
      ],
      fires: [['a', 'c']],
      disposed: { surplus: ['b'] },
    },
    {
      name: 'or by key',
      options: { k: 2, n: 2, distinctBy: 'key' },
      multi: true,
      given: ['a', 'a', 'b'],
      fires: [['a', 'b']],
      disposed: { surplus: ['a'] },
    },
    {
      name: 'failures are tolerated while k can come',
      given: [failed('i1'), from('i2'), from('i3')],
      fires: [['i2', 'i3']],
      unsatisfied: false,
    },
    {
      name: 'one failure more, and the round is lost at once',
      given: [failed('i1'), from('i2'), failed('i3')],
      fires: [],
      unsatisfied: 'failed',
      disposed: { 'session-ended': ['i2'] },
    },
    {
      name: 'to end without an object is to fail, and to fail twice is once',
      given: [ended('i1'), failed('i1'), from('i2'), from('i3')],
      fires: [['i2', 'i3']],
      unsatisfied: false,
    },
    {
      name: 'to fail after having put is not',
      given: [from('i1'), failed('i1'), failed('i2'), from('i3')],
      fires: [['i1', 'i3']],
    },
    {
      name: 'failures close the round too',
      given: [from('i1'), from('i2'), failed('i3'), from('i4')],
      fires: [['i1', 'i2']],
      disposed: { 'late-closed': ['i4'] },
    },
    {
      name: 'a lost round may fire what has come',
      options: { k: 2, n: 2, onDeficit: 'partial' },
      given: [from('i1'), failed('i2'), from('i3')],
      fires: [['i1']],
      partial: [true],
      disposed: { 'late-closed': ['i3'] },
      unsatisfied: false,
    },
    {
      name: 'but not nothing',
      options: { k: 1, n: 1, onDeficit: 'partial' },
      given: [failed('i1')],
      fires: [],
      unsatisfied: 'failed',
    },
    {
      name: 'a fallback runs with nothing too',
      options: { k: 1, n: 1, onDeficit: 'fallback', fallback: 'guess' },
      given: [failed('i1')],
      fires: [[]],
      targets: ['guess'],
    },
    {
      name: 'the end of the session ends the wait',
      given: [from('i1'), { end: 'succeeded' }],
      fires: [],
      unsatisfied: 'missing',
    },
    {
      name: 'a round that has not begun ends in silence',
      given: [{ end: 'succeeded' }],
      fires: [],
      unsatisfied: false,
    },
    {
      name: 'hedging starts one source more each time, until one has answered',
      options: { k: 1, n: 3, hedge },
      given: [request, { advance: 10 }, answer('0'), { advance: 50 }],
      fires: [['q'], ['q'], ['answer 0']],
      targets: ['ask', 'ask', 'target'],
      held: [],
    },
    {
      name: 'but no more than n, which then have the request',
      options: { k: 1, n: 3, hedge },
      given: [request, { advance: 50 }, answer('2'), answer('0')],
      fires: [['q'], ['q'], ['q'], ['answer 2']],
      disposed: { surplus: ['answer 0'] },
    },
    {
      name: 'sources that fail are counted as they end, and other functions are not sources',
      options: { k: 1, n: 2, hedge: { ...hedge, start: 2 } },
      given: [
        request,
        { closed: 'invocation', name: 'i9', fn: 'asker' },
        { closed: 'item', name: '0', outcome: 'failed' },
        answer('1'),
      ],
      fires: [['q'], ['q'], ['answer 1']],
      unsatisfied: false,
    },
    {
      name: 'a second request is surplus',
      options: { k: 1, n: 2, hedge },
      given: [request, { put: 'q2', role: 'request' }],
      fires: [['q']],
      disposed: { surplus: ['q2'] },
      held: ['q'],
    },
  ],
})
