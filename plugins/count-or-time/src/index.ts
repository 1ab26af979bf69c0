import { primitive, Trigger, trigger } from '@stigmergy/core'
import type {
  Awaiting,
  Firing,
  ObjectRef,
  Status,
  TriggerContext,
  TriggerLimits,
  TriggerSpec,
  Warning,
} from '@stigmergy/core'
import { z } from 'zod'

const size = z.int().min(1).max(1_000_000)
const duration = z.int().min(1).max(31_536_000_000)

const options = z
  .strictObject({
    maxSize: size.optional(),
    maxWaitMs: duration.optional(),
    maxBytes: z.int().min(1).optional(),
    minSize: size.default(1),
    maxTotalWaitMs: duration.optional(),
  })
  .refine(({ maxSize, maxWaitMs }) => maxSize !== undefined || maxWaitMs !== undefined, {
    path: ['maxSize'],
    error: 'or maxWaitMs must be given',
  })
  .refine(({ minSize, maxSize = Infinity }) => minSize <= maxSize, {
    path: ['minSize'],
    error: 'must not be more than maxSize',
  })
  .refine(({ minSize, maxWaitMs }) => minSize === 1 || maxWaitMs !== undefined, {
    path: ['minSize'],
    error: 'has no meaning without maxWaitMs',
  })
  .refine(({ minSize, maxTotalWaitMs }) => minSize > 1 === (maxTotalWaitMs !== undefined), {
    path: ['maxTotalWaitMs'],
    error: 'must be given with a minSize above 1, and only then',
  })
  .refine(({ maxWaitMs = 0, maxTotalWaitMs = Infinity }) => maxTotalWaitMs >= maxWaitMs, {
    path: ['maxTotalWaitMs'],
    error: 'must not be less than maxWaitMs',
  })

/** Options of `CountOrTime` after they have been checked. */
export type CountOrTimeOptions = z.output<typeof options>

/** Options of `countOrTime` as an app writes them. At least one of `maxSize` and `maxWaitMs` is needed. */
export interface CountOrTimeInput {
  /** A batch of so many objects fires. 1 to 1,000,000, default any number. */
  readonly maxSize?: number
  /** A batch fires so long after its first object, ms. 1 to 31,536,000,000, default never. */
  readonly maxWaitMs?: number
  /** A batch has no more bytes than this, unless it is one object. At least 1, default any number. */
  readonly maxBytes?: number
  /** A batch that has fewer objects when its time is over waits `maxWaitMs` more. 1 to `maxSize`, default 1. */
  readonly minSize?: number
  /** When a batch fires although it has not `minSize` objects: ms after its first. Required with a `minSize` above 1. */
  readonly maxTotalWaitMs?: number
}

/** The batch that is being filled. Its timer is armed if and only if it has objects and a time. */
export interface OpenBatch {
  /** In order of arrival. */
  held: ObjectRef[]
  bytes: number
  /** When its first object came; 0 while there is none. */
  openedAt: number
  /** When its timer is due; null when none is armed. */
  dueAt: number | null
}

/** Why a batch fires. */
type Cause = 'size' | 'time' | 'bytes' | 'flush'

const none: readonly Firing[] = []

/** Fires what has come when it is enough, or when the first of it has waited long enough. */
@primitive({
  name: 'count-or-time',
  scope: 'bucket',
  stateVersion: 1,
  options,
  analyze,
  onSessionEnd: 'flush',
})
export class CountOrTime extends Trigger<CountOrTimeOptions, OpenBatch> {
  initialState(): OpenBatch {
    return { held: [], bytes: 0, openedAt: 0, dueAt: null }
  }

  onObject(batch: OpenBatch, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    const { maxSize = Infinity, maxBytes = Infinity } = this.options
    const crowdedOut = batch.bytes + object.bytes > maxBytes ? this.fire(batch, 'bytes', ctx) : none
    this.add(batch, object, ctx)
    if (batch.held.length === maxSize) return [...crowdedOut, ...this.fire(batch, 'size', ctx)]
    return batch.bytes > maxBytes ? [...crowdedOut, ...this.fire(batch, 'bytes', ctx)] : crowdedOut
  }

  override onTimer(batch: OpenBatch, timer: string, ctx: TriggerContext): readonly Firing[] {
    // The timer of an earlier batch would come before this one is due.
    if (timer !== 'wait' || batch.dueAt === null || ctx.now < batch.dueAt) return none
    const { minSize, maxTotalWaitMs = 0 } = this.options
    if (batch.held.length >= minSize || ctx.now >= batch.openedAt + maxTotalWaitMs)
      return this.fire(batch, 'time', ctx)
    this.arm(batch, ctx)
    return none
  }

  override onFlush(batch: OpenBatch, ctx: TriggerContext): readonly Firing[] {
    return this.fire(batch, 'flush', ctx).map((firing) => ({ ...firing, partial: true }))
  }

  override onEvict(batch: OpenBatch, { seq, bytes }: ObjectRef, ctx: TriggerContext): void {
    const left = batch.held.filter((object) => object.seq !== seq)
    if (left.length === batch.held.length) return
    batch.held = left
    batch.bytes -= bytes
    if (left.length === 0) this.close(batch, ctx)
  }

  describe(batch: OpenBatch): Status {
    return { held: batch.held, awaiting: this.awaiting(batch) }
  }

  private awaiting({ held, dueAt }: OpenBatch): Awaiting {
    const { maxSize, maxBytes } = this.options
    // One object may be too many bytes, alone or with what is there.
    const lacking = maxBytes === undefined ? maxSize : 1
    const count = lacking === undefined ? undefined : Math.max(1, lacking - held.length)
    if (dueAt === null) return { count: count ?? 1 }
    return count === undefined ? { until: dueAt } : { count, until: dueAt }
  }

  private add(batch: OpenBatch, object: ObjectRef, ctx: TriggerContext): void {
    batch.held.push(object)
    batch.bytes += object.bytes
    if (batch.held.length > 1) return
    batch.openedAt = ctx.now
    this.arm(batch, ctx)
  }

  /** Lets the batch wait `maxWaitMs` from now on, but not longer than it may in all. */
  private arm(batch: OpenBatch, ctx: TriggerContext): void {
    const { maxWaitMs, maxTotalWaitMs = Infinity } = this.options
    if (maxWaitMs === undefined) return
    batch.dueAt = Math.min(ctx.now + maxWaitMs, batch.openedAt + maxTotalWaitMs)
    ctx.timers.set('wait', batch.dueAt)
  }

  private close(batch: OpenBatch, ctx: TriggerContext): void {
    batch.bytes = 0
    batch.openedAt = 0
    if (batch.dueAt === null) return
    batch.dueAt = null
    ctx.timers.clear('wait')
  }

  /** Fires the batch, if it has objects, and begins the next. */
  private fire(batch: OpenBatch, cause: Cause, ctx: TriggerContext): readonly Firing[] {
    const objects = batch.held
    if (objects.length === 0) return none
    batch.held = []
    this.close(batch, ctx)
    return [{ objects, cause }]
  }
}

/** Configures `CountOrTime`: objects run the target together, when they are enough or have waited long enough. */
export function countOrTime(options: CountOrTimeInput): TriggerSpec<CountOrTimeInput> {
  return trigger<CountOrTimeOptions, CountOrTimeInput>(CountOrTime, options)
}

function analyze(
  { maxSize = 1, maxWaitMs, minSize }: CountOrTimeOptions,
  { maxPending }: TriggerLimits,
): readonly Warning[] {
  const warnings: Warning[] = []
  if (maxSize - 1 > maxPending) warnings.push(neverFull('maxSize', maxSize, maxPending))
  else if (maxWaitMs === undefined && maxSize > 1) warnings.push(mayWait(maxSize))
  if (minSize > maxPending) warnings.push(neverFull('minSize', minSize, maxPending))
  return warnings
}

function neverFull(option: string, count: number, maxPending: number): Warning {
  return {
    code: 'can-never-fire',
    message: `a batch never comes to its ${option} of ${count}: the trigger holds no more than ${maxPending} objects`,
    remedy: `set maxPending of the trigger to at least ${count}`,
  }
}

function mayWait(maxSize: number): Warning {
  return {
    code: 'can-wait-for-ever',
    message: `the last objects, up to ${maxSize - 1}, wait for a batch that may never fill`,
    remedy: 'set maxWaitMs',
  }
}
