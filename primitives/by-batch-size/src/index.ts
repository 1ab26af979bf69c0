import { primitive, Trigger, trigger } from '@stigmergy/core'
import type { Firing, ObjectRef, Status, TriggerLimits, TriggerSpec, Warning } from '@stigmergy/core'
import { z } from 'zod'

const options = z.strictObject({ count: z.int().min(1).max(1_000_000) })

/** Options of `ByBatchSize` after they have been checked. */
export type ByBatchSizeOptions = z.output<typeof options>

/** Options of `byBatchSize` as an app writes them. */
export interface ByBatchSizeInput {
  /** How many objects one firing has. 1 to 1,000,000; more than the trigger's `maxPending` can never come together. */
  readonly count: number
}

/** The batch that is being filled, in order of arrival. */
export interface Batch {
  held: ObjectRef[]
}

const none: readonly Firing[] = []

/** Fires each time `count` objects have come, with exactly these. */
@primitive({
  name: 'by-batch-size',
  scope: 'bucket',
  stateVersion: 1,
  options,
  analyze,
  onSessionEnd: 'flush',
})
export class ByBatchSize extends Trigger<ByBatchSizeOptions, Batch> {
  initialState(): Batch {
    return { held: [] }
  }

  onObject(state: Batch, object: ObjectRef): readonly Firing[] {
    state.held.push(object)
    return state.held.length < this.options.count ? none : [{ objects: take(state), cause: 'size' }]
  }

  override onFlush(state: Batch): readonly Firing[] {
    return state.held.length === 0 ? none : [{ objects: take(state), partial: true, cause: 'flush' }]
  }

  override onEvict(state: Batch, { seq }: ObjectRef): void {
    state.held = state.held.filter((object) => object.seq !== seq)
  }

  describe(state: Batch): Status {
    return { held: state.held, awaiting: { count: this.options.count - state.held.length } }
  }
}

/** Configures `ByBatchSize`: every `count` objects run the target together. */
export function byBatchSize(options: ByBatchSizeInput): TriggerSpec<ByBatchSizeInput> {
  return trigger<ByBatchSizeOptions, ByBatchSizeInput>(ByBatchSize, options)
}

function take(state: Batch): readonly ObjectRef[] {
  const objects = state.held
  state.held = []
  return objects
}

function analyze({ count }: ByBatchSizeOptions, { maxPending }: TriggerLimits): readonly Warning[] {
  if (count - 1 > maxPending) return [neverFull(count, maxPending)]
  return count === 1 ? [] : [mayWait(count)]
}

function neverFull(count: number, maxPending: number): Warning {
  return {
    code: 'can-never-fire',
    message: `a batch of ${count} never fills: the trigger holds no more than ${maxPending} objects`,
    remedy: `set maxPending of the trigger to at least ${count - 1}`,
  }
}

function mayWait(count: number): Warning {
  return {
    code: 'can-wait-for-ever',
    message: `the last objects, up to ${count - 1}, wait for a batch that may never fill`,
    remedy: 'flush the trigger at the end of the input, give it a deadline, or batch by count and time',
  }
}
