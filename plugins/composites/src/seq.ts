import { primitive, trigger } from '@stigmergy/core'
import type { Awaiting, Firing, ObjectRef, TriggerSpec, Unsatisfied } from '@stigmergy/core'
import { z } from 'zod'
import { inTurn, isNothing } from './awaiting.js'
import { composed, factsOfJoin, operands, specsOf } from './composed.js'
import { Composite } from './composite.js'
import { type Composed, newParts } from './state.js'
import type { Turn } from './turn.js'

const options = z.strictObject({ of: operands })

/** Options of `Seq` after they have been checked. */
export type SeqOptions = z.output<typeof options>

/** Options of `Seq` on the wire. */
export interface SeqInput {
  readonly of: readonly TriggerSpec[]
}

/** A sequence of triggers. */
export interface Sequence extends Composed {
  /** Whose turn it is. */
  at: number
  /** What the parts before it have given. */
  taken: Firing[]
  over: boolean
}

/** Fires when its parts have given something one after the other: all of it, in their order. */
@primitive({ ...composed, name: 'seq', options, parts: specsOf, listensTo: factsOfJoin })
export class Seq extends Composite<SeqOptions, Sequence> {
  initialState(): Sequence {
    return { ...newParts(this.parts), at: 0, taken: [], over: false }
  }

  protected override hears({ at: turn, over }: Sequence, at: number): boolean {
    return !over && at === turn
  }

  protected onGiven(state: Sequence, turn: Turn, at: number, given: Firing): void {
    if (at !== state.at) return turn.drop(given, 'surplus')
    state.taken.push(given)
    const isLast = at === this.parts.length - 1
    if (isLast) turn.fire(turn.merge(state.taken.splice(0)))
    this.moveOn(state, turn, isLast ? 0 : at + 1)
  }

  protected onFailed(_state: Sequence, turn: Turn, at: number, report: Unsatisfied): void {
    turn.ctx.unsatisfied(this.reportOf(at, report))
  }

  protected override settle(state: Sequence, turn: Turn): void {
    if (state.over || !state.parts[state.at]!.over) return
    state.over = true
    for (const given of state.taken.splice(0)) turn.drop(given, 'surplus')
    for (const at of state.parts.keys()) turn.reset(at, 'surplus')
  }

  protected override endSession(state: Sequence, turn: Turn): void {
    if (state.taken.length === 0) return
    turn.ctx.unsatisfied(this.missing([...this.parts.keys()].filter((at) => at >= state.at)))
  }

  protected override latched({ taken }: Sequence): readonly (readonly Firing[])[] {
    return taken.map((given) => [given])
  }

  protected override forget(state: Sequence, { seq }: ObjectRef): void {
    state.taken = state.taken.map((given) => ({
      ...given,
      objects: given.objects.filter((object) => object.seq !== seq),
    }))
  }

  protected awaiting({ at, over }: Sequence, parts: readonly Awaiting[]): Awaiting {
    const current = parts[at]!
    return over || isNothing(current) ? {} : inTurn(current, parts.slice(at + 1))
  }

  /** The first part goes on where it was when its turn comes again; the others begin anew each time. */
  private moveOn(state: Sequence, turn: Turn, next: number): void {
    const { at } = state
    if (at === next) return
    if (at === 0) turn.suspend(0)
    else turn.reset(at, 'surplus')
    state.at = next
    if (next === 0) turn.resume(0)
    else turn.start(next)
  }
}

/** Fires when the triggers have fired one after the other: each begins to listen when the one before it has fired. */
export function seq(first: TriggerSpec, ...others: readonly TriggerSpec[]): TriggerSpec<SeqInput> {
  return trigger<SeqOptions, SeqInput>(Seq, { of: [first, ...others] })
}
