import { deepStrictEqual as same, equal, throws } from 'node:assert/strict'
import type { TriggerSpec } from '@stigmergy/core'
import type { Step } from '@stigmergy/conformance'
import fc from 'fast-check'
import { all, any, first, not, orFinally, repeat, seq, within } from '../../src/index.js'
import { anyTrigger, calm, eventful, holds, limits, passing, simple } from './chance.js'
import { type AlgebraLaw, law } from './law.js'
import { whole } from './views.js'

type One = [TriggerSpec]
type Two = [TriggerSpec, TriggerSpec]
type Three = [TriggerSpec, TriggerSpec, TriggerSpec]

/** The longest time that there is, ms: no story lasts so long. */
const infinity = 31_536_000_000

const times: readonly AlgebraLaw[] = [
  law<One>('within(a, ∞) = a', eventful, [anyTrigger], (play, [a]) =>
    same(whole(play(within(a, infinity))), whole(play(a))),
  ),
  law<[TriggerSpec, number, number]>(
    'within(within(a, m), n) = within(a, min(m, n))',
    calm,
    [simple, limits, limits],
    (play, [a, m, n]) => same(whole(play(within(within(a, m), n))), whole(play(within(a, Math.min(m, n))))),
  ),
  law<[TriggerSpec, number]>(
    'within(a, m) fires what a fires until it is too late',
    calm,
    [simple, limits],
    (play, [a, m]) => {
      const { shots, reports } = play(within(a, m))
      const late = reports.length === 0 ? Infinity : Number.parseInt(reports[0]!)
      same(
        shots.filter(({ step }) => step < late),
        play(a).shots.filter(({ step }) => step < late),
      )
    },
  ),
  law<[TriggerSpec, number]>(
    'of within(a, m) and within(not(a), m) exactly one fires in the first round',
    calm,
    [holds, limits],
    (play, [a, m], { steps }) => {
      if (durationAfterFirstPut(steps) < m) return
      same([play(within(a, m)).first, play(within(not(a), m)).first].sort(), ['fired', 'given up'])
    },
  ),
  law<One>('not stands in within only, and not(not(a)) nowhere', calm, [anyTrigger], (play, [a]) => {
    const negation = not(a) as unknown as TriggerSpec
    for (const spec of [all(negation), any(negation), first(a, negation), seq(a, negation), repeat(negation)])
      throws(() => play(spec), { code: 'STG_OPTIONS_INVALID' })
    throws(() => play(within(not(negation), 10)), { code: 'STG_OPTIONS_INVALID' })
  }),
]

const ends: readonly AlgebraLaw[] = [
  law<Two>(
    'orFinally(a, b) fires as a does until b fires, then at most once more',
    calm,
    [simple, simple],
    (play, [a, b]) => {
      const [main, end] = [play(a), play(b)]
      const last = end.shots[0]
      const isOverAt = (step: number) => last !== undefined && step >= last.step
      const before = main.shots.filter(({ step }) => !isOverAt(step))
      const { shots } = play(orFinally(a, b))
      same(
        shots.filter(({ step }) => !isOverAt(step)),
        before,
      )
      same(
        shots.filter(({ step }) => last !== undefined && step > last.step),
        [],
      )
      equal(shots.filter(({ partial }) => partial).length <= 1, true)
    },
  ),
  law<Two>(
    'at the end orFinally(a, b) fires what a holds, as partial, for an end that holds nothing',
    calm,
    [holds, passing],
    (play, [a, b]) => {
      const [end] = play(b).shots
      if (end === undefined) return
      const held = play(a).heldAfter[end.step]!
      const rest = play(orFinally(a, b)).shots.filter(({ partial }) => partial)
      same(
        rest.map(({ objects }) => objects),
        held.length === 0 ? [] : [held],
      )
    },
  ),
  law<Three>(
    'orFinally(orFinally(a, b), c) = orFinally(a, any(b, c)) for ends that hold nothing',
    calm,
    [simple, passing, passing],
    (play, [a, b, c]) => same(play(orFinally(orFinally(a, b), c)).shots, play(orFinally(a, any(b, c))).shots),
  ),
  law<One>('repeat(a, 1) fires at most once', calm, [simple], (play, [a]) => {
    equal(play(repeat(a, 1)).shots.length <= 1, true)
  }),
  law<[TriggerSpec, number]>(
    'repeat(a, n) fires the first n firings of repeat(a)',
    calm,
    [simple, fc.integer({ min: 1, max: 4 })],
    (play, [a, n]) => same(play(repeat(a, n)).shots, play(repeat(a)).shots.slice(0, n)),
  ),
  law<One>('repeat is idempotent: repeat(repeat(a)) = repeat(a)', calm, [anyTrigger], (play, [a]) =>
    same(whole(play(repeat(repeat(a)))), whole(play(repeat(a)))),
  ),
]

const distribution: readonly AlgebraLaw[] = [
  law<Three>(
    'first(seq(a, b), seq(a, c)) = repeat(seq(a, first(b, c)), 1)',
    calm,
    [simple, simple, simple],
    (play, [a, b, c]) =>
      same(play(first(seq(a, b), seq(a, c))).shots, play(repeat(seq(a, first(b, c)), 1)).shots),
  ),
  law<[TriggerSpec, TriggerSpec, number]>(
    'within(first(a, b), m) = first(within(a, m), within(b, m)) for parts that take every object',
    calm,
    [holds, holds, limits],
    (play, [a, b, m]) =>
      same(play(within(first(a, b), m)).shots, play(first(within(a, m), within(b, m))).shots),
  ),
]

export const timeLaws: readonly AlgebraLaw[] = [...times, ...ends, ...distribution]

/** How much time passes after the first object, ms; none without one. */
function durationAfterFirstPut(steps: readonly Step[]): number {
  const first = steps.findIndex((step) => typeof step === 'object' && 'put' in step)
  return first < 0 ? 0 : steps.slice(first).reduce((ms, step) => ms + durationOf(step), 0)
}

function durationOf(step: Step): number {
  if (typeof step === 'string') return 0
  if ('advance' in step) return step.advance
  return 'jump' in step ? step.jump : 0
}
