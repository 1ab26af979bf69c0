import { primitive, Trigger, trigger } from '@stigmergy/core'
import type { Firing, ObjectRef, Status, TriggerContext, TriggerSpec, Warning } from '@stigmergy/core'
import { z } from 'zod'

const duration = z.int().min(1).max(31_536_000_000)

const options = z
  .strictObject({ waitMs: duration, maxWaitMs: duration.optional() })
  .refine(({ waitMs, maxWaitMs = waitMs }) => maxWaitMs >= waitMs, {
    path: ['maxWaitMs'],
    error: 'must not be less than waitMs',
  })

/** Options of `Debounce` after they have been checked. */
export type DebounceOptions = z.output<typeof options>

/** Options of `debounce` as an app writes them. */
export interface DebounceInput {
  /** How long it has to be quiet, ms. 1 to 31,536,000,000. */
  readonly waitMs: number
  /** How long after its first object a burst ends even if it is not quiet, ms. At least `waitMs`, default never. */
  readonly maxWaitMs?: number
}

/** The burst that is going on. */
export interface Burst {
  /** The object that came last; null while it is quiet. */
  newest: ObjectRef | null
  firstAt: number
  /** When the burst ends unless another object comes. */
  endsAt: number
}

/** Fires the last object of a burst, when it has been quiet for a while. */
@primitive({
  name: 'debounce',
  scope: 'bucket',
  stateVersion: 1,
  options,
  analyze: ({ maxWaitMs }) => (maxWaitMs === undefined ? [mayStarve] : []),
  onSessionEnd: 'flush',
})
export class Debounce extends Trigger<DebounceOptions, Burst> {
  initialState(): Burst {
    return { newest: null, firstAt: 0, endsAt: 0 }
  }

  onObject(burst: Burst, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    // A timer may be late. An object that comes at the very end still belongs to the burst, a later one does not.
    const firings = burst.endsAt < ctx.now ? take(burst, 'quiet') : []
    if (burst.newest === null) burst.firstAt = ctx.now
    else ctx.dispose(burst.newest, 'superseded')
    burst.newest = object
    burst.endsAt = Math.min(
      ctx.now + this.options.waitMs,
      burst.firstAt + (this.options.maxWaitMs ?? Infinity),
    )
    ctx.timers.set('end', burst.endsAt)
    return firings
  }

  override onTimer(burst: Burst, timer: string): readonly Firing[] {
    return timer === 'end' ? take(burst, 'quiet') : []
  }

  override onFlush(burst: Burst, ctx: TriggerContext): readonly Firing[] {
    ctx.timers.clear('end')
    return take(burst, 'flush').map((firing) => ({ ...firing, partial: true }))
  }

  describe({ newest, endsAt }: Burst): Status {
    return newest === null
      ? { held: [], awaiting: { count: 1 } }
      : { held: [newest], awaiting: { until: endsAt } }
  }
}

/** Configures `Debounce`: the last object of each burst runs the target. */
export function debounce(options: DebounceInput): TriggerSpec<DebounceInput> {
  return trigger<DebounceOptions, DebounceInput>(Debounce, options)
}

function take(burst: Burst, cause: string): readonly Firing[] {
  const { newest } = burst
  burst.newest = null
  return newest === null ? [] : [{ objects: [newest], cause }]
}

const mayStarve: Warning = {
  code: 'can-starve',
  message: 'while objects keep coming within waitMs of each other, nothing fires',
  remedy: 'set maxWaitMs',
}
