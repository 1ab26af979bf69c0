import type { ClusterConfig, RuntimeDefinition } from 'stigmergy'
import { StigmergyError } from 'stigmergy'
import type { LoadedConfig } from '../load-config.js'

/** What a member of a cluster is told besides its config. */
export type Role = Pick<ClusterConfig, 'node' | 'coordinator' | 'name'>

/** The cluster of a config. Throws `STG_CONFIG_INVALID` when it has none. */
export function clusterOf({ file, definition }: LoadedConfig): ClusterConfig {
  const { cluster } = definition
  if (cluster === undefined) throw withoutCluster(file)
  const { settings, values, ...member } = cluster
  return { ...member, ...settings, ...(values === undefined ? {} : { values }) }
}

/** The config as that of a member with this role. One that runs no functions starts no workers. */
export function asMember(config: LoadedConfig, role: Role): RuntimeDefinition {
  const cluster = { ...clusterOf(config), ...role }
  return config.definition.with(({ workers, ...others }) => ({
    ...others,
    ...(cluster.node === false || workers === undefined ? {} : { workers }),
    cluster,
  }))
}

function withoutCluster(file: string | undefined): StigmergyError {
  const what = file ?? 'There is no stigmergy.config.ts here or in a folder above, and the default runtime'
  return new StigmergyError(
    'STG_CONFIG_INVALID',
    `${what} names no cluster: give defineRuntime({ cluster: nats({ servers: … }) }) and what it takes, or name another file with --config.`,
    { details: { what: 'the runtime config', field: 'cluster' } },
  )
}
