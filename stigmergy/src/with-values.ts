import type { ClusterConfig, ClusterExchange } from '@stigmergy/core'
import { tcp } from '@stigmergy/transport-tcp'

/** The cluster, with `tcp()` for large values unless its config says otherwise. */
export function withValues<Cluster extends ClusterExchange | ClusterConfig>(
  cluster: Cluster,
): Cluster | ClusterConfig {
  if (typeof cluster !== 'object' || cluster === null || 'values' in cluster) return cluster
  return 'exchange' in cluster ? { ...cluster, values: tcp() } : { exchange: cluster, values: tcp() }
}
