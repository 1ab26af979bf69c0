import type { ObjectRef, PartitionName } from '../contract/index.js'
import type { Codec } from '../codec.js'
import { StigmergyError } from '../errors.js'
import type { Partition, PartitionPhase } from './partition.js'
import type { StepEvent } from './step-event.js'
import type { TriggerCell } from './trigger-cell.js'

/** All that a partition is, as plain data. */
interface Snapshot {
  readonly format: 1
  readonly primitive: string
  readonly stateVersion: number
  readonly name: PartitionName
  /** Which life of its session's name; null for the first. */
  readonly life: number | null
  readonly phase: PartitionPhase
  readonly fireSeq: number
  /** Where partitions of the trigger that are made later start to number their firings. */
  readonly firstFireSeq: number
  readonly random: number
  readonly state: unknown
  readonly pending: readonly ObjectRef[]
  readonly kept: readonly number[]
  readonly timers: readonly (readonly [string, number])[]
  readonly deadline: number | null
  /** Events that wait because the trigger is paused or the partition halted. */
  readonly queue: readonly StepEvent[]
}

/** The partition as bytes, between two steps. Throws `STG_STATE_NOT_PLAIN` when its state cannot be stored. */
export function takeSnapshot(partition: Partition, codec: Codec): Uint8Array {
  const { meta } = partition.cell.definition
  const snapshot: Snapshot = {
    format: 1,
    primitive: meta.name,
    stateVersion: meta.stateVersion,
    name: partition.name,
    life: partition.life ?? null,
    phase: partition.phase,
    fireSeq: partition.fireSeq,
    firstFireSeq: partition.cell.partitions.firstFireSeq,
    random: partition.random,
    state: partition.state,
    pending: [...partition.pending.values()],
    kept: [...(partition.kept ?? [])],
    timers: [...(partition.timers ?? [])].map(([name, { dueAt }]) => [name, dueAt] as const),
    deadline: partition.deadline?.dueAt ?? null,
    queue: [...(partition.queue ?? [])],
  }
  return encode(snapshot, codec)
}

/**
 * Makes the partition in `cell` that `bytes` describe. `known` gives the host's own object for a reference, so that values are
 * found again. What it holds counts as admitted to this cell. Throws `STG_STATE_VERSION` for a state that the primitive cannot read.
 */
export function restoreSnapshot(
  cell: TriggerCell,
  bytes: Uint8Array,
  codec: Codec,
  known: (ref: ObjectRef) => ObjectRef = (ref) => ref,
): Partition {
  const snapshot = decode(cell, bytes, codec)
  const partition = cell.partitions.open(snapshot.name)
  partition.life = snapshot.life ?? undefined
  partition.fireSeq = snapshot.fireSeq
  partition.phase = snapshot.phase
  const state = readState(cell, snapshot)
  partition.restart(cell.trigger.revive?.(state) ?? state, snapshot.random)
  for (const ref of snapshot.pending) partition.hold(known(ref))
  if (snapshot.kept.length > 0) partition.kept = new Set(snapshot.kept)
  cell.ledger.admitted += snapshot.pending.length
  const waiting = snapshot.queue.map((event) => withKnown(event, known))
  cell.waiting.restore(partition, waiting)
  cell.partitions.firstFireSeq = Math.max(cell.partitions.firstFireSeq, snapshot.firstFireSeq)
  for (const [name, dueAt] of snapshot.timers) cell.timers.change(partition, name, dueAt)
  if (snapshot.deadline !== null) cell.timers.armDeadline(partition, snapshot.deadline)
  return partition
}

function withKnown(event: StepEvent, known: (ref: ObjectRef) => ObjectRef): StepEvent {
  return event.kind === 'object' || event.kind === 'evict' ? { ...event, object: known(event.object) } : event
}

function encode(snapshot: Snapshot, codec: Codec): Uint8Array {
  try {
    return codec.encode(snapshot)
  } catch (cause) {
    throw new StigmergyError(
      'STG_STATE_NOT_PLAIN',
      `The state of primitive ${snapshot.primitive} cannot be stored.`,
      {
        cause,
        details: { primitive: snapshot.primitive },
      },
    )
  }
}

function decode(cell: TriggerCell, bytes: Uint8Array, codec: Codec): Snapshot {
  const snapshot = codec.decode(bytes) as Partial<Snapshot> | null
  const { meta } = cell.definition
  if (snapshot?.format === 1 && snapshot.primitive === meta.name) return snapshot as Snapshot
  throw new StigmergyError('STG_STATE_VERSION', `These bytes are not a snapshot of primitive ${meta.name}.`, {
    details: { primitive: meta.name },
  })
}

function readState(cell: TriggerCell, { state, stateVersion }: Snapshot): unknown {
  const { meta } = cell.definition
  if (stateVersion === meta.stateVersion) return state
  if (stateVersion < meta.stateVersion && cell.trigger.migrate !== undefined)
    return cell.trigger.migrate(state, stateVersion)
  throw new StigmergyError(
    'STG_STATE_VERSION',
    `Primitive ${meta.name} has stateVersion ${meta.stateVersion} and cannot read version ${stateVersion}; give it a migrate method.`,
    { details: { primitive: meta.name, stateVersion, expected: meta.stateVersion } },
  )
}
