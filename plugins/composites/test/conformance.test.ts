import test from 'ava'
import { testTrigger } from '@stigmergy/conformance'
import { ByBatchSize, byBatchSize } from '@stigmergy/by-batch-size'
import { ByName, byName } from '@stigmergy/by-name'
import { BySet, bySet } from '@stigmergy/by-set'
import { ByTime, byTime } from '@stigmergy/by-time'
import { CountOrTime, countOrTime } from '@stigmergy/count-or-time'
import { DynamicJoin, dynamicJoin } from '@stigmergy/dynamic-join'
import { Immediate, immediate } from '@stigmergy/immediate'
import { Redundant, redundant } from '@stigmergy/redundant'
import { All, all, Any, any, composites, First, first, not, OrFinally, orFinally } from '../src/index.js'
import { Repeat, repeat, Seq, seq, Within, within } from '../src/index.js'

const primitives = [
  ...composites,
  ByBatchSize,
  ByName,
  BySet,
  ByTime,
  CountOrTime,
  DynamicJoin,
  Immediate,
  Redundant,
]

const x = byName({ match: 'x' })
const y = byName({ match: 'y' })
const z = byName({ match: 'z' })
const pair = bySet({ keys: ['a', 'b'] })
const batch = byBatchSize({ count: 2 })
const timed = countOrTime({ maxSize: 3, maxWaitMs: 10 })
const period = byTime({ every: 20, align: 'first' })

testTrigger(test, {
  primitive: All,
  primitives,
  options: {
    valid: [
      all(x, y).options,
      all(pair).options,
      all({ pick: 'latest' }, x, timed).options,
      all({ pick: 'all', reset: { everyMs: 30 } }, batch, period).options,
      all({ reset: { cron: '* * * * *', tz: 'Europe/Berlin' } }, any(x, y), seq(y, z)).options,
      all(byTime({ every: 10, fireEmpty: true }), byTime({ every: 15, fireEmpty: true })).options,
      all(dynamicJoin({ parallel: 'work', onItemError: 'skip' }), redundant({ k: 1, n: 2 })).options,
    ],
    invalid: [
      null,
      {},
      { of: [] },
      { of: x },
      { of: [not(x)] },
      { of: [byName({ match: '' })] },
      { of: [{ primitive: 'by-name' }] },
      { of: ['by-name'] },
      { of: [x], pick: 'last' },
      { of: [x], reset: { everyMs: 0 } },
      { of: [x], reset: { cron: '* *' } },
      { of: [x], reset: { cron: '61 * * * *' } },
      { of: [x], reset: { cron: '* * * * *', tz: 'Mars/Olympus' } },
      { of: Array.from({ length: 257 }, () => x) },
    ],
  },
  targets: ['work'],
  examples: [
    {
      name: 'it fires when every part has, in the order of the parts',
      given: ['y', 'x', 'q'],
      fires: [['x', 'y']],
      disposed: { filtered: ['q'] },
    },
    {
      name: 'what a part gives waits for the others, oldest first',
      multi: true,
      given: ['x', 'x', 'y'],
      fires: [['x', 'y']],
      held: ['x'],
    },
    {
      name: 'or the newest',
      options: all({ pick: 'latest' }, x, y).options,
      multi: true,
      given: ['x', 'x', 'y'],
      fires: [['x', 'y']],
      disposed: { superseded: ['x'] },
      held: [],
    },
    {
      name: 'or all of it',
      options: all({ pick: 'all' }, x, y).options,
      multi: true,
      given: ['x', 'x', 'y'],
      fires: [['x', 'x', 'y']],
    },
    {
      name: 'an object that several parts give fires once, at its first place',
      options: all(batch, byName({ match: { glob: '*' } })).options,
      given: ['a', 'b'],
      fires: [['a', 'b']],
      held: ['b'],
    },
    {
      name: 'parts have time',
      options: all(timed, x).options,
      given: ['a', 'x', { advance: 10 }],
      fires: [['a', 'x']],
    },
    {
      name: 'a half-met round is given up at the tick',
      options: all({ reset: { everyMs: 30 } }, x, y).options,
      given: [{ advance: 29 }, 'x', { advance: 1 }, 'y'],
      fires: [],
      disposed: { reset: ['x'] },
      held: ['y'],
    },
    {
      name: 'at the tick itself it may still be met',
      options: all({ reset: { everyMs: 30 } }, x, y).options,
      given: ['x', { jump: 30 }, 'y', { advance: 1 }],
      fires: [['x', 'y']],
      disposed: {},
    },
    {
      name: 'ticks may follow the calendar',
      options: all({ reset: { cron: '0 3 * * *', tz: 'Europe/Berlin' } }, x, y).options,
      given: ['x', { jump: 2 * 3_600_000 }, { advance: 0 }],
      fires: [],
      disposed: { reset: ['x'] },
    },
    {
      name: 'when a part awaits nothing any more, the trigger is over',
      options: all(pair, byName({ match: { glob: '*' } })).options,
      given: ['a', 'b', 'c'],
      fires: [['a', 'b']],
      disposed: { surplus: ['c'] },
      held: [],
    },
    {
      name: 'a part that can never be satisfied ends it',
      options: all(pair, x).options,
      given: ['a', 'x', { closed: 'producer', name: 'b', outcome: 'failed' }],
      fires: [],
      unsatisfied: 'missing',
      disposed: { 'session-ended': ['a', 'x'] },
    },
    {
      name: 'at the end of the session what is half met is reported',
      common: { scope: 'session' },
      given: ['x', { end: 'succeeded' }],
      fires: [],
      unsatisfied: 'children',
    },
    {
      name: 'what has not begun is not',
      common: { scope: 'session' },
      given: [{ end: 'succeeded' }],
      fires: [],
      unsatisfied: false,
    },
    {
      name: 'work of parts runs at once, and its results find back to them',
      options: all(dynamicJoin({ parallel: 'work' }), x).options,
      given: [
        { put: 'i', role: 'item' },
        { put: 'x' },
        { put: 'r', tagOf: 'i' },
        { closed: 'items', expected: 1 },
      ],
      fires: [['i'], ['r', 'x']],
      targets: ['work', 'target'],
    },
  ],
})

testTrigger(test, {
  primitive: Any,
  primitives,
  options: {
    valid: [
      any(x, y).options,
      any(pair).options,
      any(batch, timed, pair).options,
      any(bySet({ keys: ['a', 'b'] }), bySet({ keys: ['a', 'c'] })).options,
      any(dynamicJoin({ parallel: 'work' }), dynamicJoin({ parallel: 'toil' })).options,
      any(within(pair, 15), within(not(x), 20), period).options,
      any(immediate({ maxHops: 3 }), all(x, y)).options,
    ],
    invalid: [null, {}, { of: [] }, { of: [not(x)] }, { of: [x], pick: 'first' }],
  },
  targets: ['work', 'toil'],
  examples: [
    {
      name: 'it fires what each part gives',
      given: ['x', 'y', 'q'],
      fires: [['x'], ['y']],
      disposed: { filtered: ['q'] },
    },
    {
      name: 'an object fires once for each part that gives it',
      options: any(bySet({ keys: ['a', 'b'] }), bySet({ keys: ['a', 'c'] })).options,
      given: ['a', 'b', 'c'],
      fires: [
        ['a', 'b'],
        ['a', 'c'],
      ],
      disposed: {},
      held: [],
    },
    {
      name: 'the other parts keep what they hold',
      options: any(byBatchSize({ count: 2 }), byBatchSize({ count: 3 })).options,
      given: ['a', 'b'],
      fires: [['a', 'b']],
      held: ['a', 'b'],
    },
    {
      name: 'a part that can never be satisfied leaves the others alone',
      options: any(pair, x).options,
      given: ['a', { closed: 'producer', name: 'b', outcome: 'failed' }, 'x'],
      fires: [['x']],
      disposed: { unmatched: ['a'] },
      unsatisfied: false,
    },
    {
      name: 'when none can be, that is the end',
      options: any(pair, bySet({ keys: ['c', 'd'] })).options,
      given: [
        'a',
        'c',
        { closed: 'producer', name: 'b', outcome: 'failed' },
        { closed: 'producer', name: 'd', outcome: 'failed' },
      ],
      fires: [],
      unsatisfied: 'children',
    },
    {
      name: 'a session in which nothing fired and a part failed has failed',
      options: any(pair, x).options,
      given: ['a', { end: 'succeeded' }],
      fires: [],
      unsatisfied: 'children',
    },
    {
      name: 'one in which something fired has not',
      options: any(pair, x).options,
      given: ['x', 'a', { end: 'succeeded' }],
      fires: [['x']],
      unsatisfied: false,
    },
    {
      name: 'results of work find back to the part that started it',
      options: any(dynamicJoin({ parallel: 'work' }), dynamicJoin({ parallel: 'toil' })).options,
      given: [
        { put: 'i', role: 'item' },
        { put: 'r', tagOf: 'i' },
        { closed: 'items', expected: 1 },
      ],
      fires: [['i'], ['i'], ['r']],
      targets: ['work', 'toil', 'target'],
      disposed: {},
    },
  ],
})

testTrigger(test, {
  primitive: First,
  primitives,
  options: {
    valid: [
      first(x, y).options,
      first(batch).options,
      first(batch, timed).options,
      first(pair, period, redundant({ k: 2, n: 3 })).options,
      first(all(x, y), within(not(z), 20)).options,
    ],
    invalid: [null, {}, { of: [] }, { of: [not(x)] }],
  },
  targets: [],
  examples: [
    { name: 'it fires once', given: ['y', 'x'], fires: [['y']], disposed: { surplus: ['x'] } },
    {
      name: 'what the others hold is superseded, and their timers are gone',
      options: first(timed, pair).options,
      given: ['a', 'b', { advance: 20 }],
      fires: [['a', 'b']],
      disposed: {},
      held: [],
    },
    {
      name: 'of two parts that give something at once the first one counts',
      options: first(x, byName({ match: { glob: '*' } })).options,
      given: ['x'],
      fires: [['x']],
      disposed: {},
    },
    {
      name: 'alone, a part is what it is',
      options: first(batch).options,
      given: ['a', 'b', 'c', 'd'],
      fires: [
        ['a', 'b'],
        ['c', 'd'],
      ],
    },
  ],
})

testTrigger(test, {
  primitive: Seq,
  primitives,
  options: {
    valid: [
      seq(x, y).options,
      seq(batch).options,
      seq(timed, pair).options,
      seq(bySet({ keys: ['a', 'b'], repeat: 'rounds' }), countOrTime({ maxSize: 2, maxWaitMs: 10 }), x)
        .options,
      seq(x, within(y, 20)).options,
      seq(x, within(not(y), 20)).options,
      seq(dynamicJoin({ parallel: 'work', onItemError: 'skip' }), any(x, batch)).options,
      seq(
        bySet({ keys: ['a', 'b'], onImpossible: 'partial' }),
        bySet({ keys: ['b', 'c'], onImpossible: 'partial' }),
      ).options,
    ],
    invalid: [null, {}, { of: [] }, { of: [not(x)] }],
  },
  targets: ['work'],
  examples: [
    {
      name: 'what comes before its turn does not count',
      multi: true,
      given: ['y', 'x', 'y'],
      fires: [['x', 'y']],
      disposed: { filtered: ['y'] },
    },
    {
      name: 'the next part begins with the event after',
      options: seq(byName({ match: { glob: '*' } }), byName({ match: { glob: '*' } })).options,
      given: ['a', 'b', 'c'],
      fires: [['a', 'b']],
      held: ['c'],
    },
    {
      name: 'and then it begins again',
      multi: true,
      given: ['x', 'y', 'x', 'y'],
      fires: [
        ['x', 'y'],
        ['x', 'y'],
      ],
    },
    {
      name: 'a turn that has a time has it from its beginning',
      options: seq(x, within(y, 20)).options,
      common: { scope: 'session' },
      given: ['x', { advance: 20 }],
      fires: [],
      unsatisfied: 'deadline',
    },
    {
      name: 'something may have to stay away',
      options: seq(x, within(not(y), 20)).options,
      given: ['x', 'q', { advance: 20 }],
      fires: [['x']],
      disposed: { filtered: ['q'] },
    },
    {
      name: 'and when it comes, the round is over',
      options: seq(x, within(not(y), 20)).options,
      common: { scope: 'bucket' },
      given: ['x', 'y', { advance: 20 }],
      fires: [],
      unsatisfied: 'violated',
    },
    {
      name: 'the timers of the first part wait for its turn',
      options: seq(countOrTime({ maxWaitMs: 10, maxBytes: 5 }), x).options,
      given: [{ put: 'a', bytes: 3 }, { put: 'b', bytes: 3 }, { advance: 50 }, 'x', { advance: 0 }],
      fires: [['a', 'x']],
      held: ['b'],
    },
    {
      name: 'the end of the session ends the wait',
      common: { scope: 'session' },
      given: ['x', { end: 'succeeded' }],
      fires: [],
      unsatisfied: 'children',
    },
  ],
})

testTrigger(test, {
  primitive: Within,
  primitives,
  options: {
    valid: [
      within(pair, 10).options,
      within(not(x), 10).options,
      within(batch, 31_536_000_000).options,
      within(not(all(x, y)), 15).options,
      within(timed, 5).options,
      within(dynamicJoin({ parallel: 'work', onItemError: 'skip' }), 30).options,
    ],
    invalid: [
      null,
      {},
      { of: x },
      { of: x, ms: 0 },
      { of: x, ms: 1.5 },
      { of: x, ms: 31_536_000_001 },
      { of: { not: { not: x } }, ms: 1 },
      { of: [x], ms: 1 },
    ],
  },
  targets: ['work'],
  examples: [
    { name: 'in time, it is what the part is', given: ['b', { advance: 9 }, 'a'], fires: [['a', 'b']] },
    {
      name: 'at the very end is in time',
      given: ['a', { jump: 10 }, 'b', { advance: 5 }],
      fires: [['a', 'b']],
      unsatisfied: false,
    },
    {
      name: 'later is too late',
      given: ['a', { advance: 10 }, 'b'],
      fires: [],
      unsatisfied: 'deadline',
      disposed: { 'session-ended': ['a'], 'late-closed': ['b'] },
    },
    {
      name: 'the time counts from the first object that the part takes',
      given: ['q', { advance: 9 }, 'a', { advance: 9 }, 'b'],
      fires: [['a', 'b']],
    },
    {
      name: 'a timer of the part that is due at the end is in time',
      options: within(timed, 10).options,
      given: ['a', { advance: 10 }],
      fires: [['a']],
      unsatisfied: false,
    },
    {
      name: 'absence fires at the end',
      options: within(not(x), 10).options,
      given: ['q', { advance: 9 }, 'r', { advance: 1 }],
      fires: [[]],
      disposed: { filtered: ['q', 'r'] },
    },
    {
      name: 'unless it was none',
      options: within(not(x), 10).options,
      common: { scope: 'bucket' },
      given: ['q', { jump: 10 }, 'x', { advance: 10 }],
      fires: [],
      unsatisfied: 'violated',
    },
    {
      name: 'a part that can never fire is absent',
      options: within(not(pair), 10).options,
      given: ['a', { closed: 'producer', name: 'b', outcome: 'failed' }, { advance: 10 }],
      fires: [[]],
      disposed: { unmatched: ['a'] },
    },
  ],
})

testTrigger(test, {
  primitive: OrFinally,
  primitives,
  options: {
    valid: [
      orFinally(byBatchSize({ count: 3 }), x).options,
      orFinally(pair, timed).options,
      orFinally(all(x, y), byTime({ every: 30 })).options,
      orFinally(redundant({ k: 2, n: 3 }), bySet({ keys: ['c', 'd'] })).options,
    ],
    invalid: [null, {}, { of: x }, { of: x, finally: not(y) }, { of: not(x), finally: y }, { of: [x, y] }],
  },
  targets: [],
  examples: [
    {
      name: 'it is what its first part is',
      given: ['a', 'b', 'c', 'd'],
      fires: [['a', 'b', 'c']],
      held: ['d'],
    },
    {
      name: 'until the end, which fires what is held',
      given: ['a', 'x', 'b'],
      fires: [['a', 'x']],
      partial: [true],
      disposed: { surplus: ['b'] },
      held: [],
    },
    {
      name: 'what only the end has is not fired',
      options: orFinally(pair, x).options,
      given: ['a', 'x'],
      fires: [['a']],
      partial: [true],
      disposed: { surplus: ['x'] },
    },
    {
      name: 'with nothing held it ends in silence',
      options: orFinally(pair, x).options,
      given: ['x', 'a', 'b'],
      fires: [],
      disposed: { surplus: ['x', 'a', 'b'] },
    },
    {
      name: 'what other parts have given counts as held',
      options: orFinally(all(x, y), z).options,
      given: ['y', 'z'],
      fires: [['y']],
      partial: [true],
    },
  ],
})

testTrigger(test, {
  primitive: Repeat,
  primitives,
  options: {
    valid: [
      repeat(pair).options,
      repeat(pair, 2).options,
      repeat(batch, 1).options,
      repeat(first(x, timed), 3).options,
      repeat(within(all(x, y), 15)).options,
      repeat(bySet({ keys: ['a', 'b'], onImpossible: 'partial' })).options,
    ],
    invalid: [
      null,
      {},
      { of: not(x) },
      { of: x, times: 0 },
      { of: x, times: 1.5 },
      { of: x, times: 1_000_001 },
    ],
  },
  targets: [],
  examples: [
    {
      name: 'what fires once begins anew',
      multi: true,
      given: ['a', 'b', 'b', 'a'],
      fires: [
        ['a', 'b'],
        ['a', 'b'],
      ],
    },
    {
      name: 'so many times',
      options: repeat(pair, 2).options,
      multi: true,
      given: ['a', 'b', 'a', 'b', 'a'],
      fires: [
        ['a', 'b'],
        ['a', 'b'],
      ],
      disposed: { surplus: ['a'] },
    },
    {
      name: 'what goes on by itself goes on',
      options: repeat(batch, 1).options,
      given: ['a', 'b', 'c', 'd'],
      fires: [['a', 'b']],
      disposed: { surplus: ['c', 'd'] },
    },
    {
      name: 'a race is run again',
      options: repeat(first(x, timed), 3).options,
      multi: true,
      given: ['a', 'x', 'b', { advance: 10 }, 'x'],
      fires: [['x'], ['b'], ['x']],
      disposed: { superseded: ['a'] },
    },
  ],
})
