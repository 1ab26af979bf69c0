import { primitive, Trigger, trigger } from '@stigmergy/core'
import type { Firing, ObjectRef, Status, TriggerContext, TriggerSpec } from '@stigmergy/core'
import { z } from 'zod'

const options = z
  .strictObject({
    every: z.int().min(1).max(31_536_000_000),
    align: z.enum(['epoch', 'first']).default('epoch'),
    offset: z.int().min(0).default(0),
    fireEmpty: z.boolean().default(false),
    catchUp: z.enum(['each', 'merge', 'last']).default('each'),
    maxCatchUp: z.int().min(1).max(1_000_000).default(1_000),
  })
  .refine(({ every, offset }) => offset < every, { path: ['offset'], error: 'must be less than every' })
  .refine(({ align, offset }) => align === 'epoch' || offset === 0, {
    path: ['offset'],
    error: "has no meaning with align 'first'",
  })

/** Options of `ByTime` after they have been checked. */
export type ByTimeOptions = z.output<typeof options>

/** Options of `byTime` as an app writes them. */
export interface ByTimeInput {
  /** Length of a period in ms. 1 to 31,536,000,000. */
  readonly every: number
  /** Whether periods follow the clock (UTC) or start at the first object after a pause. Default `epoch`. */
  readonly align?: 'epoch' | 'first'
  /** Shifts the periods of `epoch`, ms. 0 to `every` - 1, default 0. */
  readonly offset?: number
  /** Whether periods without objects fire too, from the first object on. Such a trigger keeps a session open. Default false. */
  readonly fireEmpty?: boolean
  /** When several periods are due at once, as after downtime: fire each, all as one, or only the last. Default `each`. */
  readonly catchUp?: 'each' | 'merge' | 'last'
  /** How many periods back those without objects are made up for. 1 to 1,000,000, default 1,000. */
  readonly maxCatchUp?: number
}

/** A period `[start, start + every)` and what came in it. */
export interface Period {
  readonly start: number
  objects: ObjectRef[]
}

/** The periods that have not been fired, in order. A timer is armed for the end of the first one. */
export interface Periods {
  periods: Period[]
}

const none: readonly Firing[] = []

/** Fires at the end of each period, with the objects that came in it. */
@primitive({
  name: 'by-time',
  scope: 'bucket',
  stateVersion: 1,
  options,
  onSessionEnd: 'flush',
  firesEmpty: ({ fireEmpty }) => fireEmpty,
})
export class ByTime extends Trigger<ByTimeOptions, Periods> {
  initialState(): Periods {
    return { periods: [] }
  }

  onObject(state: Periods, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    const last = state.periods.at(-1)
    if (last !== undefined && object.at < this.endOf(last)) last.objects.push(object)
    else this.open(state, object, ctx)
    return none
  }

  override onTimer(state: Periods, _timer: string, ctx: TriggerContext): readonly Firing[] {
    const due = this.takeDue(state, ctx.now)
    const [next] = state.periods
    if (next !== undefined) ctx.timers.set('period', this.endOf(next))
    return this.catchUp(due, ctx)
  }

  override onFlush(state: Periods, ctx: TriggerContext): readonly Firing[] {
    const due = this.onTimer(state, 'period', ctx)
    const held = state.periods.filter((period) => period.objects.length > 0)
    if (this.options.fireEmpty) state.periods = state.periods.map(({ start }) => ({ start, objects: [] }))
    else {
      state.periods = []
      ctx.timers.clear('period')
    }
    return [...due, ...held.flatMap((period) => this.fire([period], { partial: true, cause: 'flush' }))]
  }

  override onEvict(state: Periods, { seq }: ObjectRef): void {
    for (const period of state.periods) period.objects = period.objects.filter((object) => object.seq !== seq)
  }

  describe(state: Periods): Status {
    const [first] = state.periods
    return {
      held: state.periods.flatMap((period) => period.objects),
      awaiting: first === undefined ? { count: 1 } : { until: this.endOf(first) },
    }
  }

  private open(state: Periods, object: ObjectRef, ctx: TriggerContext): void {
    const period = { start: this.startOf(state, object.at), objects: [object] }
    state.periods.push(period)
    if (state.periods.length === 1) ctx.timers.set('period', this.endOf(period))
  }

  private startOf({ periods: [first] }: Periods, at: number): number {
    const { every, align, offset, fireEmpty } = this.options
    if (align === 'epoch') return floorTo(at, every, offset)
    return fireEmpty && first !== undefined ? floorTo(at, every, first.start) : at
  }

  private endOf(period: Period): number {
    return period.start + this.options.every
  }

  /** Takes the periods that have ended, in order. With `fireEmpty` these include empty ones, and the current one begins. */
  private takeDue(state: Periods, now: number): readonly Period[] {
    const due = state.periods.filter((period) => this.endOf(period) <= now)
    const [first] = due
    if (first === undefined) return due
    state.periods = state.periods.slice(due.length)
    if (!this.options.fireEmpty) return due.filter((period) => period.objects.length > 0)
    const end = floorTo(now, this.options.every, first.start)
    if (state.periods.length === 0) state.periods.push({ start: end, objects: [] })
    return this.withEmpty(due, first.start, end)
  }

  /** Periods with objects are never left out; of the others, the latest `maxCatchUp` are put in. */
  private withEmpty(due: readonly Period[], start: number, end: number): readonly Period[] {
    const { every, maxCatchUp } = this.options
    const from = Math.max(start, end - maxCatchUp * every)
    const periods = due.filter((period) => period.start < from && period.objects.length > 0)
    const byStart = new Map(due.map((period) => [period.start, period]))
    for (let at = from; at < end; at += every) periods.push(byStart.get(at) ?? { start: at, objects: [] })
    return periods
  }

  private catchUp(due: readonly Period[], ctx: TriggerContext): readonly Firing[] {
    const { catchUp } = this.options
    if (catchUp === 'each') return due.flatMap((period) => this.fire([period], { cause: 'time' }))
    const superseded = catchUp === 'last' ? due.slice(0, -1) : []
    for (const { objects } of superseded) for (const object of objects) ctx.dispose(object, 'superseded')
    return this.fire(due.slice(superseded.length), { cause: 'time' })
  }

  /** One firing for consecutive periods, none for no period. */
  private fire(periods: readonly Period[], how: Pick<Firing, 'cause' | 'partial'>): readonly Firing[] {
    const [first] = periods
    const last = periods.at(-1)
    if (first === undefined || last === undefined) return none
    const window = { start: first.start, end: this.endOf(last) }
    return [{ objects: periods.flatMap(({ objects }) => objects), window, ...how }]
  }
}

/** Configures `byTime`: the objects of each period run the target together. */
export function byTime(options: ByTimeInput): TriggerSpec<ByTimeInput> {
  return trigger<ByTimeOptions, ByTimeInput>(ByTime, options)
}

/** The latest start of a period of this length, one of which starts at `origin`, that is not after `at`. */
function floorTo(at: number, length: number, origin: number): number {
  return origin + Math.floor((at - origin) / length) * length
}
