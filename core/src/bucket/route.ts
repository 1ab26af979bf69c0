import type { Disposition, ObjectRef, PartitionName } from '../contract/index.js'
import { StigmergyError } from '../errors.js'
import type { Partition } from './partition.js'
import type { TriggerCell } from './trigger-cell.js'

/** Why an object does not reach a partition of a trigger. */
export interface TurnedAway {
  readonly reason: Disposition
  /** What a filter or a `partitionBy` threw. */
  readonly error?: unknown
}

/** Where an object goes in one trigger. */
export type Route = Partition | TurnedAway

const filtered: TurnedAway = { reason: 'filtered' }
const overflow: TurnedAway = { reason: 'overflow' }

/** A partition that has to make room first, in a way that can be seen. */
export interface Full {
  readonly full: Partition
}

/** The partition that an object belongs to, with room in it. Throws `STG_TRIGGER_BUSY` when there is none to be had. */
export function routeTo(cell: TriggerCell, object: ObjectRef): Route {
  const found = findRoute(cell, object)
  return 'full' in found ? makeRoom(found, object) : found
}

/**
 * The same as far as it changes nothing, so that a bucket can ask all its triggers before any of them makes room. Throws
 * `STG_TRIGGER_BUSY` when a trigger without room rejects what comes.
 */
export function findRoute(cell: TriggerCell, object: ObjectRef): Route | Full {
  const { filter, scope, partitionBy, onOverflow } = cell.common
  let partition: Partition
  try {
    if (filter !== undefined && !filter(object)) return filtered
    partition = cell.partitions.open(partitionName(scope, object, partitionBy))
  } catch (error) {
    if (StigmergyError.is(error, 'STG_TRIGGER_BUSY')) throw error
    return { reason: 'fault', error }
  }
  if (partition.phase === 'over' || cell.hasRoom(partition, object.bytes)) return partition
  if (onOverflow === 'dropNewest') return overflow
  if (onOverflow === 'reject') throw busy(cell, partition)
  return { full: partition }
}

/** Throws `STG_TRIGGER_BUSY` when the trigger could not make room. */
export function makeRoom({ full }: Full, object: ObjectRef): Route {
  if (full.cell.makeRoom(full, object.bytes)) return full
  throw busy(full.cell, full)
}

const wholeBucket: PartitionName = {}

function partitionName(
  scope: 'session' | 'bucket',
  object: ObjectRef,
  partitionBy: ((object: ObjectRef) => string) | undefined,
): PartitionName {
  if (partitionBy === undefined) return scope === 'bucket' ? wholeBucket : { session: object.session }
  const by: unknown = partitionBy(object)
  if (typeof by !== 'string') throw new TypeError(`partitionBy gave ${String(by)} instead of a text`)
  return scope === 'bucket' ? { by } : { session: object.session, by }
}

function busy(cell: TriggerCell, partition: Partition): StigmergyError {
  const { maxPending, maxPendingBytes } = cell.common
  return new StigmergyError(
    'STG_TRIGGER_BUSY',
    `Trigger ${cell.id} holds ${partition.pending.size} objects of ${partition.pendingBytes} bytes, its limit; put again later, ` +
      'raise maxPending or maxPendingBytes, or set onOverflow.',
    {
      retryable: true,
      details: { trigger: cell.id, partition: partition.name, maxPending, maxPendingBytes },
    },
  )
}
