import { type Effort, probe, type Subject } from '../../case.js'
import type { Peer, Pool } from '../peers/pool.js'

/** A subject that does the work of a case with the workers of a peer. */
export function peerSubject(
  peer: Peer,
  workers: number,
  batch: (pool: Pool, effort: Effort) => Promise<readonly number[]>,
): Subject {
  return {
    name: peer.name,
    missing: () => peer.missing?.(),
    open: async (effort, scratch) => {
      const pool = await peer.open(workers, scratch)
      return probe(
        () => batch(pool, effort),
        () => pool.close(),
      )
    },
  }
}
