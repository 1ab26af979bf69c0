import type { AnyPrimitive, TriggerSpec } from '@stigmergy/core'
import { ByBatchSize } from '@stigmergy/by-batch-size'
import { ByName } from '@stigmergy/by-name'
import { BySet } from '@stigmergy/by-set'
import { ByTime } from '@stigmergy/by-time'
import { CountOrTime } from '@stigmergy/count-or-time'
import { Immediate } from '@stigmergy/immediate'
import { Redundant } from '@stigmergy/redundant'
import fc from 'fast-check'
import { Settled } from './settled.js'
import { type Outcome, outcomeOf, type Story } from './story.js'

/** How many stories are tried, and from which seed. */
export interface Search {
  readonly runs: number
  readonly seed?: number
}

/** A law of the algebra of triggers. */
export interface AlgebraLaw {
  /** The law itself. */
  readonly name: string
  /** Throws with the smallest story found that breaks it, when these composites do. */
  readonly check: (composites: readonly AnyPrimitive[], search: Search) => void
}

/** Plays a story to a trigger. */
export type Play = (spec: TriggerSpec) => Outcome

/** The primitives that the composites of the laws are made of. */
export const leaves: readonly AnyPrimitive[] = [
  ByBatchSize,
  ByName,
  BySet,
  ByTime,
  CountOrTime,
  Immediate,
  Redundant,
  Settled,
]

/** A law about triggers, in all stories of a kind. `holds` throws if it does not. */
export function law<Values extends readonly unknown[]>(
  name: string,
  stories: fc.Arbitrary<Story>,
  values: { readonly [Index in keyof Values]: fc.Arbitrary<Values[Index]> },
  holds: (play: Play, values: Values, story: Story) => void,
): AlgebraLaw {
  return {
    name,
    check: (composites, { runs, seed }) => {
      const primitives = [...composites, ...leaves]
      const chosen = fc.tuple(
        ...(values as readonly fc.Arbitrary<unknown>[]),
      ) as unknown as fc.Arbitrary<Values>
      fc.assert(
        fc.property(chosen, stories, (values, story) => {
          holds((spec) => outcomeOf(spec, story, primitives), values, story)
        }),
        { numRuns: runs, includeErrorInReport: true, ...(seed !== undefined && { seed }) },
      )
    },
  }
}
