import {
  type ClusterClient,
  type ClusterConfig,
  type ClusterExchange,
  connectCluster,
  type ConnectOptions,
} from '@stigmergy/core'
import { MemoryObjectStore } from '@stigmergy/transport-memory'
import { withValues } from './with-values.js'

/**
 * Connects to a cluster from any process: `invoke`, `put` and the sessions of a runtime, without being a node. The config is that of
 * the nodes. Rejects with `STG_CLUSTER_UNAVAILABLE`.
 */
export function connect(
  config: ClusterExchange | ClusterConfig,
  options: Partial<ConnectOptions> = {},
): Promise<ClusterClient> {
  return connectCluster(withValues(config), { store: new MemoryObjectStore(), ...options })
}
