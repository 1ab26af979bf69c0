import { primitive, trigger } from '@stigmergy/core'
import type { Awaiting, Firing, TriggerSpec, Unsatisfied } from '@stigmergy/core'
import { z } from 'zod'
import { anyOf, isNothing } from './awaiting.js'
import { composed, factsOfParts, operand } from './composed.js'
import { Composite } from './composite.js'
import { type Composed, newParts } from './state.js'
import type { Turn } from './turn.js'

const options = z.strictObject({ of: operand, finally: operand })

/** Options of `OrFinally` after they have been checked. */
export type OrFinallyOptions = z.output<typeof options>

/** Options of `OrFinally` on the wire. */
export interface OrFinallyInput {
  readonly of: TriggerSpec
  readonly finally: TriggerSpec
}

/** A trigger and what ends it. */
export interface Ending extends Composed {
  over: boolean
}

const main = 0
const end = 1

/** Fires as its first part does, until the second gives something: then, once more, what the first part holds. */
@primitive({
  ...composed,
  name: 'or-finally',
  options,
  parts: ({ of, finally: end }) => [of, end],
  listensTo: factsOfParts,
})
export class OrFinally extends Composite<OrFinallyOptions, Ending> {
  initialState(): Ending {
    return { ...newParts(this.parts), over: false }
  }

  protected override hears({ over }: Ending): boolean {
    return !over
  }

  protected onGiven(state: Ending, turn: Turn, at: number, given: Firing): void {
    if (at === main) return turn.fire(given)
    turn.drop(given, 'surplus')
    if (!state.over) this.end(state, turn)
  }

  protected onFailed(_state: Ending, turn: Turn, at: number, report: Unsatisfied): void {
    if (at === main) turn.ctx.unsatisfied(this.reportOf(at, report))
    else turn.contain(at)
  }

  /** A first part that awaits nothing any more leaves nothing to fire. */
  protected override settle(state: Ending, turn: Turn): void {
    if (!state.over && state.parts[main]!.over) this.end(state, turn)
  }

  protected awaiting({ over }: Ending, parts: readonly Awaiting[]): Awaiting {
    return over || isNothing(parts[main]!) ? {} : anyOf(parts)
  }

  private end(state: Ending, turn: Turn): void {
    state.over = true
    const { held: objects, awaiting } = this.parts[main]!.trigger.describe(state.parts[main]!.state)
    turn.takeHeld(main)
    turn.reset(end, 'surplus')
    if (objects.length > 0)
      turn.fire({ objects, partial: true, missing: awaiting.keys ?? [], cause: 'finally' })
  }
}

/** Fires as the first trigger does; when the second fires, what the first holds is fired as partial, and that was all. */
export function orFinally(of: TriggerSpec, end: TriggerSpec): TriggerSpec<OrFinallyInput> {
  return trigger<OrFinallyOptions, OrFinallyInput>(OrFinally, { of, finally: end })
}
