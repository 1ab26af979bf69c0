import { type Firing, type ObjectRef, primitive, type Status, Trigger, type TriggerContext } from 'stigmergy'
import { z } from 'zod'

const options = z.strictObject({ maxSize: z.int().min(1), maxWaitMs: z.int().min(1) })

interface Batch {
  held: ObjectRef[]
  due: number
}

/** Fires `maxSize` objects, or what has come `maxWaitMs` after the first. The timer is armed if and only if something is held. */
@primitive({ name: 'count-or-time', scope: 'bucket', stateVersion: 1, options })
export class CountOrTime extends Trigger<z.output<typeof options>, Batch> {
  initialState(): Batch {
    return { held: [], due: 0 }
  }

  onObject(state: Batch, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    if (state.held.push(object) === 1) {
      state.due = ctx.now + this.options.maxWaitMs
      ctx.timers.set('wait', state.due)
    }
    return state.held.length < this.options.maxSize ? [] : this.take(state, ctx, 'size')
  }

  override onTimer(state: Batch, _timer: string, ctx: TriggerContext): readonly Firing[] {
    return this.take(state, ctx, 'time')
  }

  override onFlush(state: Batch, ctx: TriggerContext): readonly Firing[] {
    return this.take(state, ctx, 'flush')
  }

  describe({ held, due }: Batch): Status {
    return { held, awaiting: held.length === 0 ? { count: 1 } : { until: due } }
  }

  private take(state: Batch, ctx: TriggerContext, cause: string): readonly Firing[] {
    ctx.timers.clear('wait')
    const objects = state.held.splice(0)
    return objects.length === 0 ? [] : [{ objects, cause }]
  }
}
