import { createHash } from 'node:crypto'

/** The shard of what belongs together: a session, a bucket of an app, or the requests of a node for room. */
export function shardOf(
  shards: number,
  kind: 'session' | 'bucket' | 'node',
  ...names: readonly string[]
): number {
  return weight(JSON.stringify([kind, ...names])) % shards
}

/**
 * Who of the members should have a shard: the one of the highest weight with it (rendezvous hashing, Thaler and Ravishankar 1998). A member that
 * comes or goes moves only the shards that it gets or had. Undefined when there is none.
 */
export function ownerOf(shard: number, members: Iterable<string>): string | undefined {
  let owner: string | undefined
  let highest = -1
  for (const member of members) {
    const own = weight(JSON.stringify([shard, member]))
    if (own < highest || (own === highest && member > owner!)) continue
    owner = member
    highest = own
  }
  return owner
}

/** A place for a name, from 0 up to 1: evenly spread. */
export function placeOf(name: string): number {
  return weight(name) / 2 ** 48
}

/** 48 bits of a hash: evenly spread, and exact as a number. */
function weight(text: string): number {
  return createHash('sha256').update(text).digest().readUIntBE(0, 6)
}
