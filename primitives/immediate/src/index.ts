import { primitive, Trigger, trigger } from '@stigmergy/core'
import type { Firing, ObjectRef, Status, TriggerContext, TriggerSpec } from '@stigmergy/core'
import { z } from 'zod'

const options = z.strictObject({
  maxHops: z.int().min(1).max(1_000_000).default(1_000),
  ordered: z.boolean().default(false),
})

/** Options of `Immediate` after they have been checked. */
export type ImmediateOptions = z.output<typeof options>

/** Options of `immediate` as an app writes them. */
export interface ImmediateInput {
  /** An object that stands behind more functions than this is taken for a loop. 1 to 1,000,000, default 1,000. */
  readonly maxHops?: number
  /** Whether a firing starts only when the previous one of the partition has ended. Default false. */
  readonly ordered?: boolean
}

/** Fires every object at once, alone. */
@primitive({ name: 'immediate', scope: 'bucket', stateVersion: 1, options })
export class Immediate extends Trigger<ImmediateOptions, null> {
  initialState(): null {
    return null
  }

  onObject(_state: null, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    if (object.hops > this.options.maxHops) return this.breakLoop(object, ctx)
    return [this.options.ordered ? { objects: [object], serial: true } : { objects: [object] }]
  }

  describe(): Status {
    return { held: [], awaiting: { count: 1 } }
  }

  private breakLoop(object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    const { maxHops } = this.options
    ctx.dispose(object, 'fault')
    ctx.unsatisfied({
      reason: 'loop',
      message: `object "${object.key}" stands behind ${object.hops} functions, and maxHops is ${maxHops}`,
    })
    return []
  }
}

/** Configures `Immediate`: every object runs the target. */
export function immediate(options: ImmediateInput = {}): TriggerSpec<ImmediateInput> {
  return trigger<ImmediateOptions, ImmediateInput>(Immediate, options)
}
