import { deepStrictEqual as same } from 'node:assert/strict'
import type { TriggerSpec } from '@stigmergy/core'
import { byBatchSize } from '@stigmergy/by-batch-size'
import { immediate } from '@stigmergy/immediate'
import fc from 'fast-check'
import { all, any, first, orFinally, repeat, seq } from '../../src/index.js'
import { anyTrigger, calm, eventful, never, simple, sure } from './chance.js'
import { type AlgebraLaw, law } from './law.js'
import { unordered, whole, withoutObjectOrder } from './views.js'

const one = [anyTrigger] as const
const two = [sure, sure] as const

type One = [TriggerSpec]
type Two = [TriggerSpec, TriggerSpec]
type Three = [TriggerSpec, TriggerSpec, TriggerSpec]

/** A composite of one trigger is that trigger. */
const units = Object.entries({ all, any, first, seq }).map(([name, make]) =>
  law<One>(`${name}(a) = a`, eventful, one, (play, [a]) => same(whole(play(make(a))), whole(play(a)))),
)

/** How the parts are put in brackets does not matter, but to timers that are due at one instant. */
const associative = [
  associates('all', all),
  associates('any', any),
  associates('first', first),
  associates('seq', seq),
]

/** What holds of the order of the parts, and of parts that are the same. */
const order: readonly AlgebraLaw[] = [
  law<Two>('all is commutative but for the order of the objects', eventful, two, (play, [a, b]) =>
    same(play(all(a, b)).shots.map(withoutObjectOrder), play(all(b, a)).shots.map(withoutObjectOrder)),
  ),
  law<Two>('any is commutative but for the order within an event', eventful, two, (play, [a, b]) =>
    same(unordered(play(any(a, b)).shots), unordered(play(any(b, a)).shots)),
  ),
  law<Two>('first is commutative but when both win at one event', eventful, two, (play, [a, b]) =>
    same(
      play(first(a, b)).shots.map(({ step }) => step),
      play(first(b, a)).shots.map(({ step }) => step),
    ),
  ),
  law<One>('all is idempotent: all(a, a) = a', calm, [simple], (play, [a]) =>
    same(play(all(a, a)).shots, play(a).shots),
  ),
  law<One>('first(a, a) = repeat(a, 1)', calm, one, (play, [a]) =>
    same(play(first(a, a)).shots, play(repeat(a, 1)).shots),
  ),
]

/** Triggers that never fire. */
const zeros: readonly AlgebraLaw[] = [
  law<One>('any(a, never) fires as a', calm, [simple], (play, [a]) =>
    same(play(any(a, never)).shots, play(a).shots),
  ),
  law<One>('orFinally(a, never) fires as a', eventful, one, (play, [a]) =>
    same(play(orFinally(a, never)).shots, play(a).shots),
  ),
  law<One>('all(a, never), seq(a, never) and seq(never, a) never fire', eventful, one, (play, [a]) => {
    for (const spec of [all(a, never), seq(a, never), seq(never, a)])
      same(
        play(spec).shots.filter(({ target }) => target === undefined),
        [],
      )
  }),
]

/** What a composite fires, in terms of what its parts do. */
const meaning: readonly AlgebraLaw[] = [
  law<Two>('any(a, b) fires what a and b fire', calm, [simple, simple], (play, [a, b]) =>
    same(unordered(play(any(a, b)).shots), unordered([...play(a).shots, ...play(b).shots])),
  ),
  law<Two>('first(a, b) = repeat(any(a, b), 1)', calm, [simple, simple], (play, [a, b]) =>
    same(play(first(a, b)).shots, play(repeat(any(a, b), 1)).shots),
  ),
  law<[number]>('seq of n immediates is a batch of n', calm, [fc.integer({ min: 1, max: 5 })], (play, [n]) =>
    same(
      play(seq(immediate(), ...Array.from({ length: n - 1 }, () => immediate()))).shots,
      play(byBatchSize({ count: n })).shots,
    ),
  ),
]

export const structureLaws: readonly AlgebraLaw[] = [...units, ...associative, ...order, ...zeros, ...meaning]

function associates(
  name: string,
  make: (first: TriggerSpec, ...others: readonly TriggerSpec[]) => TriggerSpec,
): AlgebraLaw {
  const brackets = `${name}(a, ${name}(b, c)) = ${name}(${name}(a, b), c) = ${name}(a, b, c)`
  return law<Three>(`${name} is associative: ${brackets}`, calm, [sure, sure, sure], (play, [a, b, c]) => {
    const flat = play(make(a, b, c)).shots
    same(play(make(a, make(b, c))).shots, flat)
    same(play(make(make(a, b), c)).shots, flat)
  })
}
