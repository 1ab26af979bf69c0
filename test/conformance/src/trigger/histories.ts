import type { Outcome, TriggerOptions } from '@stigmergy/core'
import fc from 'fast-check'
import type { History, Move } from './history.js'
import type { ClosedStep, PutStep } from './step.js'
import type { Setting } from './trial.js'
import type { Vocabulary } from './vocabulary.js'

type Passage = readonly Move[]
type Weighted<Value> = fc.WeightedArbitrary<Value>

/** More passages than this seldom find more. */
const mostPassages = 16

/**
 * Random histories that make triggers do something: single events of every kind, and passages as real applications have them, such
 * as all keys of a set, a wave of objects, a stage of producers that end, results of items, and parts of the examples.
 */
export function historiesOf(setting: Setting): fc.Arbitrary<History> {
  const passages = fc.oneof(...generalPassages(setting.vocabulary), ...exemplaryPassages(setting))
  return fc
    .record({
      passages: fc.array(passages, { maxLength: mostPassages, size: 'max' }),
      common: commonOf(setting),
      multi: setting.multi === undefined ? oneOf([3, false], [1, true]) : fc.constant(setting.multi),
      startMs: oneOf([4, 0], [1, 1_700_000_000_123]),
      dice: fc.nat(),
    })
    .map(({ passages, ...rest }) => ({ options: setting.options, moves: passages.flat(), ...rest }))
}

function generalPassages(words: Vocabulary): Weighted<Passage>[] {
  return [
    { weight: 6, arbitrary: puts(words).map((put) => [put]) },
    { weight: 4, arbitrary: wave(words) },
    { weight: 3, arbitrary: wholeSet(words) },
    { weight: 3, arbitrary: stage(words) },
    { weight: 2, arbitrary: results(words) },
    { weight: 5, arbitrary: time(words) },
    { weight: 3, arbitrary: closings(words).map((fact) => [fact]) },
    { weight: 1, arbitrary: sessions.map((session): Passage => [{ flush: true, ...session }]) },
    { weight: 1, arbitrary: sessions.map((session): Passage => [{ reset: true, ...session }]) },
    {
      weight: 1,
      arbitrary: fc.tuple(sessions, ends).map(([session, end]): Passage => [{ end, ...session }]),
    },
  ]
}

/** Passages that the author of the primitive has given. */
function exemplaryPassages({ examples, otherExamples, sharpened }: Setting): Weighted<Passage>[] {
  return [
    ...oneOfThem(
      4,
      examples.map((given) => fc.constant(given)),
    ),
    ...oneOfThem(3, examples.map(partsOf)),
    ...oneOfThem(3, otherExamples.map(partsOf)),
    ...oneOfThem(8, sharpened === undefined ? [] : [sharpened]),
  ]
}

function oneOfThem(weight: number, passages: readonly fc.Arbitrary<Passage>[]): Weighted<Passage>[] {
  return passages.length === 0 ? [] : [{ weight, arbitrary: fc.oneof(...passages) }]
}

function partsOf(given: Passage): fc.Arbitrary<Passage> {
  const place = fc.nat(given.length)
  return fc.tuple(place, place).map(([a, b]) => given.slice(Math.min(a, b), Math.max(a, b)))
}

/** Now and then a deadline or an order, which must not disturb any law. */
function commonOf({ common }: Setting): fc.Arbitrary<TriggerOptions> {
  return oneOf<TriggerOptions>(
    [12, common],
    [1, { deadline: 20, ...common }],
    [1, { deadline: 20, onDeadline: 'partial', ...common }],
    [1, { deadline: 20, onDeadline: 'discard', ...common }],
    [1, { deadline: 20, onDeadline: { fallback: 'fallback' }, ...common }],
    [1, { order: 'key', ...common }],
  )
}

function puts(words: Vocabulary): fc.Arbitrary<PutStep> {
  const kinds = fc.oneof(...kindsOfPut(words))
  return fc
    .tuple(keys(words), kinds, kinds, sessions)
    .map(([put, one, other, session]) => ({ put, ...one, ...other, ...session }))
}

type PutFields = Omit<PutStep, 'put'>

function kindsOfPut(words: Vocabulary): Weighted<PutFields>[] {
  const attempt = fc
    .tuple(invocations, attempts)
    .map(([invocation, attempt]) => ({ fn: 'f', invocation, ...attempt }))
  return [
    { weight: 12, arbitrary: fc.constant({}) },
    { weight: 2, arbitrary: oneOf<PutFields>([3, { role: 'item' }], [1, { role: 'result' }]) },
    { weight: 2, arbitrary: names(words).map((group) => ({ group })) },
    { weight: 1, arbitrary: fc.array(names(words), { maxLength: 3 }).map((groups) => ({ groups })) },
    { weight: 2, arbitrary: names(words).map((producer) => ({ producer })) },
    { weight: 2, arbitrary: attempt },
    { weight: 2, arbitrary: keys(words).map((tagOf) => ({ tagOf })) },
    { weight: 1, arbitrary: fc.integer({ min: -10, max: 1_000 }).map((et) => ({ et })) },
    { weight: 1, arbitrary: fc.constantFrom(0, 1, 1_000, 1_000_001).map((hops) => ({ hops })) },
    { weight: 1, arbitrary: fc.constantFrom(0, 1_000).map((bytes) => ({ bytes })) },
  ]
}

/** Some objects one after the other that nothing distinguishes but their keys. */
function wave({ counts }: Vocabulary): fc.Arbitrary<Passage> {
  return fc
    .tuple(fc.constantFrom(...counts), fc.nat(30), sessions)
    .map(([count, from, session]) =>
      Array.from({ length: count }, (_, index) => ({ put: `k${from + index}`, ...session })),
    )
}

/** Most of the names in the options as keys, in some order. */
function wholeSet(words: Vocabulary): fc.Arbitrary<Passage> {
  const all = words.names.length === 0 ? ['a', 'b', 'c'] : words.names
  return fc
    .tuple(fc.shuffledSubarray([...all], { minLength: all.length >> 1 }), sessions)
    .map(([set, session]) => set.map((put) => ({ put, ...session })))
}

/** Producers that put into groups and end. */
function stage(words: Vocabulary): fc.Arbitrary<Passage> {
  const producer = fc.tuple(
    names(words),
    invocations,
    attempts,
    fc.array(names(words), { maxLength: 3 }),
    outcomes,
    fc.constantFrom(...ways),
  )
  return fc
    .tuple(fc.array(producer, { minLength: 1, maxLength: 3 }), sessions)
    .map(([producers, session]) => [
      ...producers.flatMap(([producer, invocation, attempt, groups]) =>
        groups.map((group, index) => ({
          put: `${producer}/${index}`,
          group,
          producer,
          fn: 'f',
          invocation,
          ...attempt,
          ...session,
        })),
      ),
      ...producers.map(([producer, invocation, attempt, , outcome, closed]): ClosedStep => {
        const name = closed === 'invocation' ? { name: invocation, fn: 'f', ...attempt } : { name: producer }
        return { closed, ...name, ...outcome, ...session }
      }),
    ])
}

/** How a producer's end is told. */
const ways = ['producer', 'invocation', 'group'] as const

/** Results of items, and the items' ends. */
function results(words: Vocabulary): fc.Arbitrary<Passage> {
  const result = fc.tuple(keys(words), fc.constantFrom(0, 1, 1, 1, 2), outcomes)
  return fc
    .tuple(fc.array(result, { minLength: 1, maxLength: 4 }), sessions, fc.boolean())
    .map(([list, session, seals]) => [
      ...list.map(([put]) => ({ put, role: 'item', ...session })),
      ...(seals ? [{ closed: 'items' as const, ...session }] : []),
      ...list.flatMap(([tagOf, count]) =>
        Array.from({ length: count }, (_, index) => ({
          put: `${tagOf}>${index}`,
          tagOf,
          invocation: `of-${tagOf}`,
          fn: 'f',
          ...session,
        })),
      ),
      ...list.map(([tagOf, , outcome]) => ({ closed: 'item' as const, tagOf, ...outcome, ...session })),
    ])
}

function closings(words: Vocabulary): fc.Arbitrary<ClosedStep> {
  const fact = fc.oneof<fc.Arbitrary<ClosedStep>[]>(
    fc.constant({ closed: 'session' }),
    fc
      .tuple(invocations, keys(words), attempts)
      .map(([name, key, attempt]) => ({ closed: 'invocation', name, fn: 'f', key, ...attempt })),
    fc.tuple(keys(words), attempts).map(([tagOf, attempt]) => ({ closed: 'item', tagOf, ...attempt })),
    oneOf<ClosedStep>(
      [3, { closed: 'items' }],
      ...[0, 1, 2, 3].map((expected) => [1, { closed: 'items', expected }] as const),
    ),
    fc
      .tuple(fc.constantFrom('producer', 'group', 'input'), names(words))
      .map(([closed, name]) => ({ closed, name })),
  )
  return fc
    .tuple(fact, outcomes, sessions)
    .map(([fields, outcome, session]) => ({ ...fields, ...outcome, ...session }))
}

/** Long times are slept through: a timer may ring every millisecond. */
function time({ durations, longestWalk }: Vocabulary): fc.Arbitrary<Passage> {
  const ms = fc.constantFrom(...durations)
  const toTimer = fc.record({ toTimer: fc.constantFrom(0, 1, -1), as: fc.constantFrom('advance', 'jump') })
  return fc.oneof<Weighted<Passage>[]>(
    {
      weight: 4,
      arbitrary: ms.map((advance) =>
        advance > longestWalk ? [{ jump: advance }, { advance: 0 }] : [{ advance }],
      ),
    },
    { weight: 1, arbitrary: ms.map((jump) => [{ jump }]) },
    { weight: 3, arbitrary: toTimer.map((move) => [move]) },
  )
}

/** Keys that repeat, keys that the options name, and keys that are hard to carry. */
function keys({ names }: Vocabulary): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.nat(20).map((number) => `k${number}`) },
    { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c', 'd') },
    { weight: 1, arbitrary: fc.constantFrom('a|b:c', '\u0000', '🐜', '__proto__', 'x'.repeat(512)) },
    ...(names.length > 0 ? [{ weight: 5, arbitrary: fc.constantFrom(...names) }] : []),
  )
}

function names(words: Vocabulary): fc.Arbitrary<string> {
  return fc.constantFrom('p1', 'p2', 'p3', ...words.names, ...words.names)
}

const sessions = oneOf<Pick<PutStep, 'session'>>([4, {}], [1, { session: 's2' }])
const invocations = fc.constantFrom('i1', 'i2', 'i3', 'i4')
const attempts = oneOf<Pick<PutStep, 'attempt'>>([4, {}], [1, { attempt: 2 }], [1, { attempt: 3 }])
const outcomes = oneOf<Pick<ClosedStep, 'outcome'>>(
  [5, {}],
  [2, { outcome: 'failed' }],
  [1, { outcome: 'cancelled' }],
  [1, { outcome: 'expired' }],
)
const ends = fc.constantFrom<Outcome[]>('succeeded', 'failed', 'cancelled', 'expired')

/** One of some values, with weights. The first is the simplest. */
function oneOf<Value>(...choices: readonly (readonly [weight: number, value: Value])[]): fc.Arbitrary<Value> {
  return fc.constantFrom(...choices.flatMap(([weight, value]) => Array.from({ length: weight }, () => value)))
}
