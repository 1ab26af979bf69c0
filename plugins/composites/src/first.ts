import { primitive, trigger } from '@stigmergy/core'
import type { Awaiting, Firing, TriggerSpec, Unsatisfied } from '@stigmergy/core'
import { Choice, type ChoiceInput, type ChoiceOptions, choiceOptions, type Choices } from './choice.js'
import { composed, factsOfJoin, specsOf } from './composed.js'
import { newParts } from './state.js'
import type { Turn } from './turn.js'

/** A race of triggers. */
export interface Race extends Choices {
  /** Whether it is decided. */
  over: boolean
}

/** Fires once: what the first of its parts gives. With one part there is no race, and the trigger is what the part is. */
@primitive({ ...composed, name: 'first', options: choiceOptions, parts: specsOf, listensTo: factsOfJoin })
export class First extends Choice<Race> {
  initialState(): Race {
    return { ...newParts(this.parts), failed: [], satisfied: false, over: false }
  }

  protected override hears({ over }: Race): boolean {
    return !over
  }

  protected override onGiven(state: Race, turn: Turn, at: number, given: Firing): void {
    if (state.over) return turn.drop(given, 'superseded')
    super.onGiven(state, turn, at, given)
    if (turn.isAlone) return
    state.over = true
    for (const loser of state.parts.keys()) turn.reset(loser, 'superseded')
  }

  protected override onFailed(state: Race, turn: Turn, at: number, report: Unsatisfied): void {
    if (state.over) turn.contain(at)
    else super.onFailed(state, turn, at, report)
  }

  protected override endSession(state: Race, turn: Turn): void {
    if (!state.over) super.endSession(state, turn)
  }

  protected override awaiting(state: Race, parts: readonly Awaiting[]): Awaiting {
    return state.over ? {} : super.awaiting(state, parts)
  }
}

/** Fires what the first of the triggers fires, once; the others end. */
export function first(one: TriggerSpec, ...others: readonly TriggerSpec[]): TriggerSpec<ChoiceInput> {
  return trigger<ChoiceOptions, ChoiceInput>(First, { of: [one, ...others] })
}
