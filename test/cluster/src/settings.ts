import { nats } from '@stigmergy/transport-nats'
import type { ClusterConfig } from 'stigmergy'

/** The cluster of the tests: leases are short, so that failures are found out soon. */
export function clusterAt(url: string): ClusterConfig {
  return { exchange: nats({ servers: url }), shards: 16, leaseMs: 1_000, callMs: 3_000 }
}
