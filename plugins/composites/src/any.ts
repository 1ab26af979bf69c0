import { primitive, trigger, type TriggerSpec } from '@stigmergy/core'
import { Choice, type ChoiceInput, type ChoiceOptions, choiceOptions, type Choices } from './choice.js'
import { composed, factsOfJoin, specsOf } from './composed.js'
import { newParts } from './state.js'

/** Fires whenever one of its parts gives something: that. */
@primitive({ ...composed, name: 'any', options: choiceOptions, parts: specsOf, listensTo: factsOfJoin })
export class Any extends Choice<Choices> {
  initialState(): Choices {
    return { ...newParts(this.parts), failed: [], satisfied: false }
  }
}

/** Fires whenever one of the triggers does. */
export function any(first: TriggerSpec, ...others: readonly TriggerSpec[]): TriggerSpec<ChoiceInput> {
  return trigger<ChoiceOptions, ChoiceInput>(Any, { of: [first, ...others] })
}
