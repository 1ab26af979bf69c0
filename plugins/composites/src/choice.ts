import type { Awaiting, Firing, TriggerSpec, Unsatisfied } from '@stigmergy/core'
import { z } from 'zod'
import { anyOf } from './awaiting.js'
import { operands } from './composed.js'
import { Composite } from './composite.js'
import type { Composed } from './state.js'
import type { Turn } from './turn.js'

export const choiceOptions = z.strictObject({ of: operands })

/** Options of `Any` and of `First` after they have been checked. */
export type ChoiceOptions = z.output<typeof choiceOptions>

/** Options of `Any` and of `First` on the wire. */
export interface ChoiceInput {
  readonly of: readonly TriggerSpec[]
}

/** A choice of triggers. */
export interface Choices extends Composed {
  /** The parts that can never be satisfied, as they have said since one was. */
  failed: number[]
  /** Whether one has been satisfied in this session. */
  satisfied: boolean
}

/** Triggers for which one part is enough. */
export abstract class Choice<State extends Choices> extends Composite<ChoiceOptions, State> {
  protected onGiven(state: State, turn: Turn, _at: number, given: Firing): void {
    state.failed = []
    // States of a bucket go on for ever, and one that has nothing to remember can be forgotten.
    state.satisfied = turn.isOfSession
    turn.fire(given)
  }

  /** The others may still be satisfied. */
  protected onFailed(state: State, turn: Turn, at: number, report: Unsatisfied): void {
    if (!state.failed.includes(at)) state.failed.push(at)
    if (state.failed.length === this.parts.length) turn.ctx.unsatisfied(this.lost(at, report))
    else turn.contain(at)
  }

  protected override endSession({ failed, satisfied }: State, turn: Turn): void {
    if (failed.length > 0 && failed.length < this.parts.length && !satisfied)
      turn.ctx.unsatisfied(this.missing([...this.parts.keys()]))
  }

  protected awaiting(_state: State, parts: readonly Awaiting[]): Awaiting {
    return anyOf(parts)
  }

  private lost(at: number, report: Unsatisfied): Unsatisfied {
    if (this.parts.length === 1) return report
    const missing = this.missing([...this.parts.keys()])
    return report.error === undefined
      ? this.withReason(missing, at, report)
      : { ...this.withReason(missing, at, report), error: report.error }
  }

  private withReason(missing: Unsatisfied, at: number, report: Unsatisfied): Unsatisfied {
    return {
      ...missing,
      message: `${missing.message}, in the end part ${this.nameOf(at)}: ${report.message ?? report.reason}`,
    }
  }
}
