import { primitive, trigger } from '@stigmergy/core'
import type { Awaiting, Firing, ObjectRef, TriggerContext, TriggerSpec, Unsatisfied } from '@stigmergy/core'
import { z } from 'zod'
import { allOf } from './awaiting.js'
import { composed, factsOfJoin, operands, specsOf } from './composed.js'
import { Composite } from './composite.js'
import { type Composed, newParts } from './state.js'
import { cronProblem, nextTick } from './tick.js'
import type { Turn } from './turn.js'

const cron = z
  .strictObject({ cron: z.string(), tz: z.string().min(1).default('UTC') })
  .superRefine(({ cron, tz }, ctx) => {
    const message = cronProblem(cron, tz)
    if (message !== undefined) ctx.addIssue({ code: 'custom', path: ['cron'], message })
  })

const options = z.strictObject({
  of: operands,
  pick: z.enum(['first', 'latest', 'all']).default('first'),
  reset: z
    .union([z.literal('onFire'), z.strictObject({ everyMs: z.int().min(1).max(31_536_000_000) }), cron], {
      error: "must be 'onFire', { everyMs } of 1 to 31,536,000,000 or { cron, tz }",
    })
    .default('onFire'),
})

/** Options of `All` after they have been checked. */
export type AllOptions = z.output<typeof options>

/** How `all` pairs what its parts give. */
export interface AllRules {
  /** What of several things that a part has given goes into a round: the oldest, the newest or all. Default `first`. */
  readonly pick?: 'first' | 'latest' | 'all'
  /**
   * When a half-met round is given up, besides at its firing: never, at every multiple of `everyMs` since 1970 (UTC), or at the
   * times of a cron expression of 5 or 6 fields in the time zone `tz`, by default UTC. Default `onFire`: never.
   */
  readonly reset?: 'onFire' | { readonly everyMs: number } | { readonly cron: string; readonly tz?: string }
}

/** Options of `All` on the wire. */
export interface AllInput extends AllRules {
  readonly of: readonly TriggerSpec[]
}

/** A join of triggers. */
export interface Latches extends Composed {
  /** What each part has given and what no round has taken yet, oldest first. */
  readonly latched: Firing[][]
  /** When a half-met round is given up, ms since epoch; null when no timer is armed. */
  resetAt: number | null
  over: boolean
}

/** Fires when every part has given something: all of it, in the order of the parts. */
@primitive({ ...composed, name: 'all', options, parts: specsOf, listensTo: factsOfJoin })
export class All extends Composite<AllOptions, Latches> {
  initialState(): Latches {
    return { ...newParts(this.parts), latched: this.parts.map(() => []), resetAt: null, over: false }
  }

  protected override hears({ over }: Latches): boolean {
    return !over
  }

  protected onGiven(state: Latches, turn: Turn, at: number, given: Firing): void {
    const latch = state.latched[at]!
    // Of ticks without objects one is enough: nothing else bounds their number.
    if (given.objects.length === 0 && latch.length > 0) return
    if (this.options.pick === 'latest') for (const older of latch.splice(0)) turn.drop(older, 'superseded')
    latch.push(given)
    while (state.latched.every(({ length }) => length > 0)) turn.fire(turn.merge(this.takeRound(state)))
  }

  protected onFailed(_state: Latches, turn: Turn, at: number, report: Unsatisfied): void {
    turn.ctx.unsatisfied(this.reportOf(at, report))
  }

  protected override settle(state: Latches, turn: Turn): void {
    if (!state.over && state.parts.some(({ over }, at) => over && state.latched[at]!.length === 0))
      this.end(state, turn)
    const { reset } = this.options
    if (reset === 'onFire') return
    if (!this.isHalfMet(state)) this.stopReset(state, turn.ctx)
    else if (state.resetAt === null) {
      state.resetAt = nextTick(reset, turn.ctx.now)
      turn.ctx.timers.set('reset', state.resetAt)
    }
  }

  protected override endSession(state: Latches, turn: Turn): void {
    if (this.isHalfMet(state)) turn.ctx.unsatisfied(this.missing(this.lacking(state)))
  }

  protected override onOwnTimer(state: Latches, turn: Turn, timer: string): void {
    if (timer !== 'reset' || state.resetAt === null || turn.ctx.now < state.resetAt) return
    state.resetAt = null
    this.dropLatched(state, turn, 'reset')
  }

  protected override latched({ latched }: Latches): readonly (readonly Firing[])[] {
    return latched
  }

  protected override forget(state: Latches, { seq }: ObjectRef): void {
    for (const [at, latch] of state.latched.entries())
      state.latched[at] = latch.flatMap((given) => without(given, seq) ?? [])
  }

  protected awaiting(state: Latches, parts: readonly Awaiting[]): Awaiting {
    return state.over ? {} : allOf(this.lacking(state).map((at) => parts[at]!))
  }

  private takeRound({ latched }: Latches): readonly Firing[] {
    const count = this.options.pick === 'first' ? 1 : Infinity
    return latched.flatMap((latch) => latch.splice(0, count))
  }

  private lacking({ latched }: Latches): readonly number[] {
    return [...latched.keys()].filter((at) => latched[at]!.length === 0)
  }

  private isHalfMet({ latched }: Latches): boolean {
    return latched.some(({ length }) => length > 0)
  }

  /** A part awaits nothing any more, so there will be no other round. */
  private end(state: Latches, turn: Turn): void {
    state.over = true
    this.dropLatched(state, turn, 'surplus')
    for (const at of state.parts.keys()) turn.reset(at, 'surplus')
  }

  private dropLatched({ latched }: Latches, turn: Turn, reason: 'reset' | 'surplus'): void {
    for (const given of latched.flatMap((latch) => latch.splice(0))) turn.drop(given, reason)
  }

  private stopReset(state: Latches, { timers }: TriggerContext): void {
    if (state.resetAt === null) return
    state.resetAt = null
    timers.clear('reset')
  }
}

/** Fires when every one of the triggers has; `rules` say how it pairs what they give. */
export function all(first: TriggerSpec, ...others: readonly TriggerSpec[]): TriggerSpec<AllInput>
export function all(
  rules: AllRules,
  first: TriggerSpec,
  ...others: readonly TriggerSpec[]
): TriggerSpec<AllInput>
export function all(first: TriggerSpec | AllRules, ...others: readonly TriggerSpec[]): TriggerSpec<AllInput> {
  const input = 'primitive' in first ? { of: [first, ...others] } : { ...first, of: others }
  return trigger<AllOptions, AllInput>(All, input)
}

/** What is left of it without the object; undefined when that was all. */
function without(given: Firing, seq: number): Firing | undefined {
  const objects = given.objects.filter((object) => object.seq !== seq)
  return objects.length === 0 && given.objects.length > 0 ? undefined : { ...given, objects }
}
