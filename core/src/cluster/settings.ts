import { checkFields, oneOf, whole } from '../app/fields.js'
import type { Durability } from './shard-state.js'

/** How a cluster works; the same for all its members. */
export interface ClusterSettings {
  /** Number of shards; fixed for the life of a cluster. Default 64. */
  readonly shards: number
  /** ms after which a member that is silent is taken for dead. Default 3,000. */
  readonly leaseMs: number
  /** ms after which what has failed is tried again. Default 100. */
  readonly retryMs: number
  /** ms for which firings wait for room on their node before others are asked to run them. Default 1. */
  readonly handOverMs: number
  /** ms after which a call without an answer is given up, and made again. Default 10,000. */
  readonly callMs: number
  /** Calls that one member may have under way. Default 100,000. */
  readonly maxCalls: number
  /** Values of up to so many bytes travel inside of messages. Default 8,192. */
  readonly inlineBytes: number
  /** Whether the shared triggers of buckets that do not say otherwise survive the loss of a coordinator. Default `journal`. */
  readonly durability: Durability
  /** Sessions that may be open in one shard. Default 100,000. */
  readonly maxSessionsPerShard: number
  /** Objects that may be put into one session by its name. Default 10,000. */
  readonly maxPutsPerSession: number
  /** Entries that may wait to be written to the log of one shard. Default 10,000. */
  readonly maxWaiting: number
  /** Entries after which the log of a shard is replaced by a snapshot. Default 10,000. */
  readonly snapshotEvery: number
  /** ms for which an ended session is remembered. Default 600,000. */
  readonly tombstoneMs: number
}

const defaultClusterSettings: ClusterSettings = {
  shards: 64,
  leaseMs: 3_000,
  retryMs: 100,
  handOverMs: 1,
  callMs: 10_000,
  maxCalls: 100_000,
  inlineBytes: 8_192,
  durability: 'journal',
  maxSessionsPerShard: 100_000,
  maxPutsPerSession: 10_000,
  maxWaiting: 10_000,
  snapshotEvery: 10_000,
  tombstoneMs: 600_000,
}

const year = 31_536_000_000

/** The fields of a cluster's settings, and what each may be. */
export const clusterSettingChecks: Record<keyof ClusterSettings, ReturnType<typeof whole>> = {
  shards: whole(1, 65_536),
  leaseMs: whole(100, 3_600_000),
  retryMs: whole(1, 60_000),
  handOverMs: whole(0, 60_000),
  callMs: whole(100, 3_600_000),
  maxCalls: whole(1, 100_000_000),
  inlineBytes: whole(0, 65_536),
  durability: oneOf('memory', 'journal'),
  maxSessionsPerShard: whole(1, 100_000_000),
  maxPutsPerSession: whole(1, 100_000_000),
  maxWaiting: whole(1, 100_000_000),
  snapshotEvery: whole(1, 100_000_000),
  tombstoneMs: whole(0, year),
}

/** Defaults, and what is given. Throws `STG_CONFIG_INVALID`. */
export function clusterSettings(given: Partial<ClusterSettings>): ClusterSettings {
  checkFields('the cluster', given, clusterSettingChecks)
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  return { ...defaultClusterSettings, ...set }
}
