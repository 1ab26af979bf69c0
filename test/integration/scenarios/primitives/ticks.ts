import { type Firing, type ObjectRef, primitive, type Status, Trigger, type TriggerContext } from 'stigmergy'
import { z } from 'zod'

const options = z.strictObject({ everyMs: z.int().min(1) })

interface Schedule {
  held: ObjectRef[]
  /** The scheduled instant of the next tick; 0 before the first object. */
  next: number
}

/**
 * Fires what has come since the last tick, at each multiple of `everyMs`; the next tick follows from the scheduled instant and never
 * from the present. Ticks begin with the first object: a trigger has no state, and so no timer, before one.
 */
@primitive({ name: 'ticks', scope: 'bucket', stateVersion: 1, options, firesEmpty: () => true })
export class Ticks extends Trigger<z.output<typeof options>, Schedule> {
  initialState(): Schedule {
    return { held: [], next: 0 }
  }

  onObject(state: Schedule, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    const { everyMs } = this.options
    if (state.next === 0) this.schedule(state, (Math.floor(ctx.now / everyMs) + 1) * everyMs, ctx)
    state.held.push(object)
    return []
  }

  override onTimer(state: Schedule, _timer: string, ctx: TriggerContext): readonly Firing[] {
    const tick = state.next
    this.schedule(state, tick + this.options.everyMs, ctx)
    return [{ objects: state.held.splice(0), meta: { tick } }]
  }

  describe({ held, next }: Schedule): Status {
    return { held, awaiting: next === 0 ? { count: 1 } : { until: next } }
  }

  private schedule(state: Schedule, next: number, ctx: TriggerContext): void {
    state.next = next
    ctx.timers.set('tick', next)
  }
}
