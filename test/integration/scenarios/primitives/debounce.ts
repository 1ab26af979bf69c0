import { type Firing, type ObjectRef, primitive, type Status, Trigger, type TriggerContext } from 'stigmergy'
import { z } from 'zod'

const options = z.strictObject({ waitMs: z.int().min(1), maxWaitMs: z.int().min(1).optional() })

interface Burst {
  newest: ObjectRef | null
  firstAt: number
  due: number
}

/** Fires the newest object when none has come for `waitMs`, at latest `maxWaitMs` after the first. */
@primitive({ name: 'debounce', scope: 'bucket', stateVersion: 1, options })
export class Debounce extends Trigger<z.output<typeof options>, Burst> {
  initialState(): Burst {
    return { newest: null, firstAt: 0, due: 0 }
  }

  onObject(state: Burst, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    const { waitMs, maxWaitMs = Infinity } = this.options
    if (state.newest === null) state.firstAt = ctx.now
    else ctx.dispose(state.newest, 'superseded')
    state.newest = object
    state.due = Math.min(ctx.now + waitMs, state.firstAt + maxWaitMs)
    ctx.timers.set('due', state.due)
    return []
  }

  override onTimer(state: Burst): readonly Firing[] {
    const { newest } = state
    state.newest = null
    return newest === null ? [] : [{ objects: [newest] }]
  }

  describe({ newest, due }: Burst): Status {
    return newest === null
      ? { held: [], awaiting: { count: 1 } }
      : { held: [newest], awaiting: { until: due } }
  }
}
