import { primitive, Trigger, trigger } from '@stigmergy/core'
import type { Firing, ObjectRef, Status, TriggerContext, TriggerSpec } from '@stigmergy/core'
import { z } from 'zod'

interface SettledOptions {
  readonly waitMs: number
}

interface Burst {
  newest: ObjectRef | null
  endsAt: number
}

/** A primitive as a user writes it, which no composite knows: fires the last object of a burst. */
@primitive({
  name: 'settled',
  scope: 'session',
  stateVersion: 1,
  options: z.strictObject({ waitMs: z.int().min(1) }),
})
export class Settled extends Trigger<SettledOptions, Burst> {
  initialState(): Burst {
    return { newest: null, endsAt: 0 }
  }

  onObject(burst: Burst, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    if (burst.newest !== null) ctx.dispose(burst.newest, 'superseded')
    burst.newest = object
    burst.endsAt = ctx.now + this.options.waitMs
    ctx.timers.set('end', burst.endsAt)
    return []
  }

  override onTimer(burst: Burst, timer: string): readonly Firing[] {
    if (timer !== 'end' || burst.newest === null) return []
    const objects = [burst.newest]
    burst.newest = null
    return [{ objects }]
  }

  describe({ newest, endsAt }: Burst): Status {
    if (newest === null) return { held: [], awaiting: { count: 1 } }
    return { held: [newest], awaiting: { until: endsAt } }
  }
}

export function settled(options: SettledOptions): TriggerSpec<SettledOptions> {
  return trigger<SettledOptions, SettledOptions>(Settled, options)
}
