import { primitive, trigger } from '@stigmergy/core'
import type { Awaiting, Firing, TriggerContext, TriggerSpec, Unsatisfied } from '@stigmergy/core'
import { z } from 'zod'
import { isNothing } from './awaiting.js'
import { composed, factsOfParts, operand } from './composed.js'
import { Composite } from './composite.js'
import { type Composed, newParts } from './state.js'
import type { Turn } from './turn.js'

const options = z.strictObject({
  of: z.union([z.strictObject({ not: operand }), operand], {
    error: 'must be a trigger, as bySet({ … }) gives it, or not(…) of one',
  }),
  ms: z.int().min(1).max(31_536_000_000),
})

/** Options of `Within` after they have been checked. */
export type WithinOptions = z.output<typeof options>

/** A trigger that must not fire. */
export interface Negation {
  readonly not: TriggerSpec
}

/** Options of `Within` on the wire. */
export interface WithinInput {
  readonly of: TriggerSpec | Negation
  readonly ms: number
}

/** A trigger against time. */
export interface Limited extends Composed {
  /** When the round is over, ms since epoch; null before its first event. */
  until: number | null
}

/** Fires what its part gives if it gives it in time; with `not`, fires when the time is over and the part has given nothing. */
@primitive({
  ...composed,
  name: 'within',
  options,
  parts: ({ of }) => ['not' in of ? of.not : of],
  listensTo: factsOfParts,
  firesEmpty: ({ of }, [part]) => 'not' in of || part?.firesEmpty === true,
})
export class Within extends Composite<WithinOptions, Limited> {
  initialState(): Limited {
    return { ...newParts(this.parts), until: null }
  }

  override onStart(state: Limited, ctx: TriggerContext): void {
    super.onStart(state, ctx)
    this.startClock(state, ctx)
  }

  protected onGiven(_state: Limited, turn: Turn, _at: number, given: Firing): void {
    if (!this.isNegated) return turn.fire(given)
    turn.drop(given, 'unmatched')
    turn.ctx.unsatisfied({
      reason: 'violated',
      message: `part ${this.nameOf(0)} has fired although it must not`,
    })
  }

  /** What can never fire does not: a negation goes on. */
  protected onFailed(_state: Limited, turn: Turn, at: number, report: Unsatisfied): void {
    if (this.isNegated) turn.contain(at)
    else turn.ctx.unsatisfied(this.reportOf(at, report))
  }

  protected override settle(state: Limited, turn: Turn): void {
    const own = state.parts[0]!
    if (turn.gave || (own.over && !this.isNegated)) this.stopClock(state, turn.ctx)
    const goesOn = own.held.size > 0 || (turn.worked && !turn.gave)
    if (this.isNegated ? turn.arrival !== undefined : goesOn && !own.over) this.startClock(state, turn.ctx)
  }

  protected override onOwnTimer(state: Limited, turn: Turn, timer: string): void {
    if (timer !== 'within' || state.until === null || turn.ctx.now < state.until) return
    state.until = null
    if (!this.isNegated) return turn.ctx.unsatisfied(this.tooLate(state))
    turn.reset(0, 'unmatched')
    turn.fire({ objects: [], cause: 'time' })
  }

  protected awaiting({ until }: Limited, [part = {}]: readonly Awaiting[]): Awaiting {
    if (this.isNegated) return until === null ? { count: 1 } : { until }
    if (until === null || isNothing(part)) return part
    return { ...part, until: Math.min(until, part.until ?? Infinity) }
  }

  private get isNegated(): boolean {
    return 'not' in this.options.of
  }

  private startClock(state: Limited, { now, timers }: TriggerContext): void {
    if (state.until !== null) return
    state.until = now + this.options.ms
    timers.set('within', state.until)
  }

  private stopClock(state: Limited, { timers }: TriggerContext): void {
    if (state.until === null) return
    state.until = null
    timers.clear('within')
  }

  private tooLate({ parts: [own] }: Limited): Unsatisfied {
    const { keys = [] } = this.parts[0]!.trigger.describe(own!.state).awaiting
    return {
      reason: 'deadline',
      missing: keys,
      arrived: own!.held.size,
      message: `part ${this.nameOf(0)} has not fired within ${this.options.ms} ms`,
    }
  }
}

/** Fires what the trigger fires within `ms` of the first event of its round; what comes later is too late. */
export function within(of: TriggerSpec | Negation, ms: number): TriggerSpec<WithinInput> {
  return trigger<WithinOptions, WithinInput>(Within, { of, ms })
}

/** In `within`: the trigger must not fire in that time. */
export function not(of: TriggerSpec): Negation {
  return { not: of }
}
