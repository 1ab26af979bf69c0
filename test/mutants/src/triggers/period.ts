import { primitive, Trigger } from '@stigmergy/core'
import type { Firing, ObjectRef, Status, TriggerContext } from '@stigmergy/core'
import type { TriggerSubject } from '@stigmergy/conformance'
import { z } from 'zod'

export interface PeriodOptions {
  readonly every: number
}

export interface PeriodState {
  held: ObjectRef[]
}

/** What mutants are marked with: they claim to be a period. */
export const period = primitive<PeriodOptions>({
  name: 'period',
  scope: 'bucket',
  stateVersion: 1,
  options: z.strictObject({ every: z.int().min(1) }),
})

/** Fires the objects of each period when it is over. Keeps every law. */
@period
export class Period extends Trigger<PeriodOptions, PeriodState> {
  initialState(): PeriodState {
    return { held: [] }
  }

  onObject(state: PeriodState, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    const over = this.startOf(object.at) === this.start(state) ? [] : this.fire(state)
    state.held.push(object)
    ctx.timers.set('end', this.end(state))
    return over
  }

  override onTimer(state: PeriodState, timer: string, _ctx: TriggerContext): readonly Firing[] {
    return timer === 'end' ? this.fire(state) : []
  }

  describe(state: PeriodState): Status {
    // An object of a later period fires this one, when its timer is late.
    return { held: state.held, awaiting: state.held.length === 0 ? { count: 2 } : { until: this.end(state) } }
  }

  protected fire(state: PeriodState): readonly Firing[] {
    const objects = state.held
    if (objects.length === 0) return []
    const window = { start: this.start(state), end: this.end(state) }
    state.held = []
    return [{ objects, window }]
  }

  protected end(state: PeriodState): number {
    return this.start(state) + this.options.every
  }

  protected start({ held }: PeriodState): number {
    return this.startOf(held[0]?.at ?? 0)
  }

  protected startOf(at: number): number {
    return at - (at % this.options.every)
  }
}

/** What a period is tested with, whichever class claims to be one. */
export const periodSubject: TriggerSubject<PeriodOptions> = {
  primitive: Period,
  options: { valid: [{ every: 10 }, { every: 1 }], invalid: [{ every: 0 }, {}] },
  examples: [
    {
      name: 'a period fires at its end',
      given: ['a', { advance: 9 }, 'b', { advance: 1 }],
      fires: [['a', 'b']],
    },
    {
      name: 'its end is not in it',
      given: ['a', { advance: 10 }, 'b', { advance: 10 }],
      fires: [['a'], ['b']],
    },
    {
      name: 'a late timer delays it',
      given: ['a', { jump: 10 }, 'b', { advance: 10 }],
      fires: [['a'], ['b']],
    },
  ],
}
