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
export type Route = { readonly partition: Partition } | TurnedAway

const filtered: TurnedAway = { reason: 'filtered' }
const overflow: TurnedAway = { reason: 'overflow' }

/**
 * Finds the partition that an object belongs to, and room in it. Nothing is admitted yet, so a bucket can ask all its
 * triggers first. Throws `STG_TRIGGER_BUSY` when there is no room and the trigger's `onOverflow` is not to drop.
 */
export function routeTo(cell: TriggerCell, object: ObjectRef): Route {
  const { filter, scope, partitionBy } = cell.definition.common
  let name: PartitionName
  try {
    if (filter !== undefined && !filter(object)) return filtered
    name = partitionName(scope, object, partitionBy)
  } catch (error) {
    return { reason: 'fault', error }
  }
  const partition = cell.partitions.open(name)
  if (partition.phase === 'over' || cell.hasRoom(partition, object.bytes)) return partition.route
  if (cell.makeRoom(partition, object.bytes)) return partition.route
  if (cell.definition.common.onOverflow === 'dropNewest') return overflow
  throw busy(cell, partition)
}

const wholeBucket: PartitionName = {}

function partitionName(
  scope: 'session' | 'bucket',
  object: ObjectRef,
  partitionBy: ((object: ObjectRef) => string) | undefined,
): PartitionName {
  if (partitionBy === undefined) return scope === 'bucket' ? wholeBucket : { session: object.session }
  const by = String(partitionBy(object))
  return scope === 'bucket' ? { by } : { session: object.session, by }
}

function busy(cell: TriggerCell, partition: Partition): StigmergyError {
  const { maxPending, maxPendingBytes } = cell.definition.common
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
