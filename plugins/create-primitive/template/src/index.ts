import { primitive, Trigger, trigger } from '@stigmergy/core'
import type { Firing, ObjectRef, Status, TriggerContext, TriggerSpec } from '@stigmergy/core'
import { z } from 'zod'

export interface MyTriggerOptions {
  /** ms from one firing to the next, at least. 1 to 31,536,000,000. */
  readonly everyMs: number
}

/** Plain data, which the runtime keeps. */
export interface MyTriggerState {
  /** The object that waits; null when none does. */
  newest: ObjectRef | null
  /** When the next firing may be, ms since epoch. */
  readyAt: number
}

/** Fires at most one object every `everyMs`: the first at once, then the newest. */
@primitive({
  name: 'my-trigger',
  scope: 'bucket',
  stateVersion: 1,
  options: z.strictObject({ everyMs: z.int().min(1).max(31_536_000_000) }),
  onSessionEnd: 'flush',
})
export class MyTrigger extends Trigger<MyTriggerOptions, MyTriggerState> {
  initialState(): MyTriggerState {
    return { newest: null, readyAt: 0 }
  }

  onObject(state: MyTriggerState, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    if (state.newest !== null) ctx.dispose(state.newest, 'superseded')
    state.newest = object
    if (state.readyAt <= ctx.now) return this.fire(state, ctx)
    ctx.timers.set('ready', state.readyAt)
    return []
  }

  override onTimer(state: MyTriggerState, timer: string, ctx: TriggerContext): readonly Firing[] {
    return timer === 'ready' ? this.fire(state, ctx) : []
  }

  override onFlush(state: MyTriggerState, ctx: TriggerContext): readonly Firing[] {
    return this.fire(state, ctx).map((firing) => ({ ...firing, partial: true }))
  }

  describe({ newest, readyAt }: MyTriggerState): Status {
    return newest === null
      ? { held: [], awaiting: { count: 1 } }
      : { held: [newest], awaiting: { until: readyAt } }
  }

  private fire(state: MyTriggerState, ctx: TriggerContext): readonly Firing[] {
    const { newest } = state
    if (newest === null) return []
    state.newest = null
    state.readyAt = ctx.now + this.options.everyMs
    ctx.timers.clear('ready')
    return [{ objects: [newest] }]
  }
}

/** Configures `MyTrigger` for a bucket: `bucket.when(myTrigger({ everyMs: 100 }), target)`. */
export function myTrigger(options: MyTriggerOptions): TriggerSpec<MyTriggerOptions> {
  return trigger<MyTriggerOptions, MyTriggerOptions>(MyTrigger, options)
}
