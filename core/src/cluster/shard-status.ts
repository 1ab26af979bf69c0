import type { LedgerEntry } from '../bucket/ledger.js'
import type { HeldShard } from './held-shard.js'

/** A shard as its holder sees it. */
export interface ShardStatus {
  readonly shard: number
  readonly epoch: number
  /** Sessions that have not ended. */
  readonly sessions: number
  /** Firings of shared triggers that are not done. */
  readonly firings: number
  /** Entries that wait to be written to the journal. */
  readonly waiting: number
  readonly triggers: readonly SharedTriggerStatus[]
}

export interface SharedTriggerStatus {
  readonly app: string
  /** `<bucket>.<trigger>`. */
  readonly trigger: string
  readonly partitions: number
  readonly ledger: LedgerEntry
}

/** Undefined for a shard that is not open yet. */
export function statusOf({ shard, epoch, state, waiting }: HeldShard): ShardStatus | undefined {
  if (state === undefined) return undefined
  const buckets = [...state.buckets]
  return {
    shard,
    epoch,
    sessions: state.sessions.openCount,
    firings: buckets.reduce((sum, { firings }) => sum + firings, 0),
    waiting,
    triggers: buckets.flatMap(({ app, cells }) =>
      cells.map((cell) => ({
        app,
        trigger: cell.id,
        partitions: cell.partitions.size,
        ledger: cell.readLedger(),
      })),
    ),
  }
}
