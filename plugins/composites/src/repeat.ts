import { primitive, trigger } from '@stigmergy/core'
import type { Awaiting, Firing, TriggerSpec, Unsatisfied } from '@stigmergy/core'
import { z } from 'zod'
import { composed, factsOfParts, operand } from './composed.js'
import { Composite } from './composite.js'
import { type Composed, newParts } from './state.js'
import type { Turn } from './turn.js'

const options = z.strictObject({ of: operand, times: z.int().min(1).max(1_000_000).optional() })

/** Options of `Repeat` after they have been checked. */
export type RepeatOptions = z.output<typeof options>

/** Options of `Repeat` on the wire. */
export interface RepeatInput {
  readonly of: TriggerSpec
  readonly times?: number
}

/** A trigger that begins anew when it is over. */
export interface Repetition extends Composed {
  /** How often it has fired; not counted without `times`. */
  done: number
}

/** Fires as its part does, which begins anew when it awaits nothing any more; at most `times` times. */
@primitive({
  ...composed,
  name: 'repeat',
  options,
  parts: ({ of }) => [of],
  listensTo: factsOfParts,
})
export class Repeat extends Composite<RepeatOptions, Repetition> {
  initialState(): Repetition {
    return { ...newParts(this.parts), done: 0 }
  }

  protected override hears(state: Repetition): boolean {
    return !this.isOver(state)
  }

  protected onGiven(state: Repetition, turn: Turn, _at: number, given: Firing): void {
    if (this.isOver(state)) return turn.drop(given, 'surplus')
    if (this.options.times !== undefined) state.done += 1
    turn.fire(given)
  }

  protected onFailed(_state: Repetition, turn: Turn, at: number, report: Unsatisfied): void {
    turn.ctx.unsatisfied(this.reportOf(at, report))
  }

  protected override settle(state: Repetition, turn: Turn): void {
    if (turn.gave && (this.isOver(state) || state.parts[0]!.over)) turn.reset(0, 'surplus')
  }

  protected awaiting(state: Repetition, [part = {}]: readonly Awaiting[]): Awaiting {
    return this.isOver(state) ? {} : part
  }

  private isOver({ done }: Repetition): boolean {
    return done === this.options.times
  }
}

/** Fires as the trigger does, again and again or so many times; a trigger that fires once begins anew. */
export function repeat(of: TriggerSpec, times?: number): TriggerSpec<RepeatInput> {
  return trigger<RepeatOptions, RepeatInput>(Repeat, times === undefined ? { of } : { of, times })
}
