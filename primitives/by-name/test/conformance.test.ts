import test from 'ava'
import { testTrigger } from '@stigmergy/conformance'
import { ByName } from '../src/index.js'

const glob = (pattern: string) => ({ match: { glob: pattern } })

testTrigger(test, {
  primitive: ByName,
  options: {
    valid: [
      { match: 'a' },
      { match: ['a', 'b'] },
      { match: { prefix: 'k1' } },
      { match: { glob: 'k?*' } },
      { match: 'a', otherwise: 'rest' },
    ],
    invalid: [
      null,
      {},
      { match: '' },
      { match: [] },
      { match: [''] },
      { match: { prefix: '' } },
      { match: { glob: '' } },
      { match: { prefix: 'a', glob: 'a*' } },
      { match: 'x'.repeat(513) },
      { match: 'é'.repeat(257) },
      { match: Array.from({ length: 10_001 }, (_, index) => `k${index}`) },
      { match: /a/ },
      { match: 'a', otherwise: '' },
      { match: 'a', else: 'rest' },
    ],
  },
  examples: [
    {
      name: 'the key fires, others are filtered',
      given: ['a', 'b'],
      fires: [['a']],
      disposed: { filtered: ['b'] },
    },
    {
      name: 'each key of a list fires alone',
      options: { match: ['a', 'b'] },
      given: ['b', 'c', 'a'],
      fires: [['b'], ['a']],
      disposed: { filtered: ['c'] },
    },
    {
      name: 'others run otherwise',
      options: { match: 'a', otherwise: 'rest' },
      given: ['b', 'a'],
      fires: [['b'], ['a']],
      targets: ['rest', 'target'],
      disposed: {},
    },
    {
      name: 'a prefix may be the whole key',
      options: { match: { prefix: 'log/' } },
      given: ['log/1', 'log/', 'LOG/1', 'log'],
      fires: [['log/1'], ['log/']],
      disposed: { filtered: ['LOG/1', 'log'] },
    },
    {
      name: 'nothing is normalised',
      options: { match: '\u00e9' },
      given: ['e\u0301', '\u00e9'],
      fires: [['\u00e9']],
    },
    {
      name: 'a star stands for any run of characters',
      options: glob('a*b*c'),
      given: ['abc', 'a--b--b--c', 'ab', 'abcd', 'xabc'],
      fires: [['abc'], ['a--b--b--c']],
    },
    {
      name: 'a question mark stands for one character, however many bytes it has',
      options: glob('?x'),
      given: ['ax', '\u{1f41c}x', 'x', 'aax'],
      fires: [['ax'], ['\u{1f41c}x']],
    },
    {
      name: 'all other characters stand for themselves',
      options: glob('a.[b]\\*'),
      given: ['a.[b]\\1', 'axb1'],
      fires: [['a.[b]\\1']],
    },
    {
      name: 'many stars take no longer than few',
      options: glob('*a'.repeat(128)),
      given: ['a'.repeat(512), `${'a'.repeat(511)}b`],
      fires: [['a'.repeat(512)]],
    },
    {
      name: 'a key of another session fires too',
      given: ['a', { put: 'a', session: 's2' }],
      fires: [['a'], ['a']],
    },
  ],
})
