import { nats } from '@stigmergy/transport-nats'
import type { ClusterConfig } from 'stigmergy'

/** The cluster that the environment names: `NATS_URL`, and `NATS_USER` with `NATS_PASSWORD` where the server wants to know who asks. */
export function clusterOf(env: Readonly<Record<string, string | undefined>>): ClusterConfig {
  const { NATS_URL: servers = 'nats://localhost:4222', NATS_USER: user, NATS_PASSWORD: pass } = env
  const credentials = user === undefined || pass === undefined ? {} : { user, pass }
  return { exchange: nats({ servers, ...credentials }), cluster: 'orders', coordinator: false }
}
