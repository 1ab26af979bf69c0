import { CborCodec } from '../codec.js'

/** What a node or a coordinator tells of itself, in the register, with each renewal of its lease. */
export interface MemberEntry {
  /** Never given again: a member that comes back is another. */
  readonly id: string
  /** For people, such as `orders-3`. */
  readonly name: string
  /** Where its endpoint is. */
  readonly address: string
  /** Functions that it may have under way, and that it has; 0 for a coordinator. */
  readonly slots: number
  readonly running: number
  readonly queued: number
  /** Sessions at home there; for a coordinator, shards that it holds. */
  readonly sessions: number
  /** Apps that it runs. */
  readonly apps: readonly string[]
}

/** Who holds a shard. The epoch grows with every holder. */
export interface ShardEntry {
  /** Id of a coordinator; empty while nobody holds it. */
  readonly owner: string
  readonly epoch: number
}

const codec = new CborCodec()

export function encodeEntry(entry: MemberEntry | ShardEntry): Uint8Array {
  return codec.encode(entry)
}

/** Entries are written by this version only. */
export function decodeEntry<Entry extends MemberEntry | ShardEntry>(value: Uint8Array): Entry {
  return codec.decode(value) as Entry
}
