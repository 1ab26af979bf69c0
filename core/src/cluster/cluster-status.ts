import { StigmergyError } from '../errors.js'
import type { Calls } from './calls.js'
import type { ClusterMessage } from './cluster-messages.js'
import type { Members } from './members.js'
import type { MemberEntry } from './register-values.js'
import type { ShardMap } from './shard-map.js'
import type { ShardStatus } from './shard-status.js'

/** What a cluster is and does at some moment. */
export interface ClusterStatus {
  readonly nodes: readonly KnownMember[]
  readonly coordinators: readonly KnownMember[]
  readonly shards: readonly KnownShardStatus[]
}

/** A member as it stands, or as it told last when it does not answer. */
export interface KnownMember extends MemberEntry {
  readonly answers: boolean
}

/** A shard, who holds it, and how it stands if its holder has answered. */
export interface KnownShardStatus {
  readonly shard: number
  /** Id of a coordinator; empty while nobody holds it. */
  readonly owner: string
  readonly epoch: number
  readonly status: ShardStatus | undefined
}

export interface StatusSources {
  readonly calls: Calls<ClusterMessage>
  /** Opened for this alone: there may be many nodes, and each tells of itself all the time. */
  readonly nodes: Members
  readonly coordinators: Members
  readonly map: ShardMap
  /** Number of shards. */
  readonly shards: number
}

/** Asks every member how it stands. */
export async function askForStatus(sources: StatusSources): Promise<ClusterStatus> {
  const [nodes, coordinators] = await Promise.all([
    askNodes(sources),
    askAll<readonly ShardStatus[]>(sources, sources.coordinators),
  ])
  const held = coordinators.flatMap(({ status = [] }) => status)
  const shards = Array.from({ length: sources.shards }, (_, shard) => {
    const { owner, epoch } = sources.map.find(shard)
    const status = held.find((each) => each.shard === shard && each.epoch === epoch)
    return { shard, owner, epoch, status }
  })
  return {
    nodes: nodes.map(({ entry, status }) => ({ ...entry, ...status, answers: status !== undefined })),
    coordinators: coordinators.map(({ entry, status }) => ({ ...entry, answers: status !== undefined })),
    shards,
  }
}

interface Asked<Status> {
  readonly entry: MemberEntry
  /** Undefined when it has not answered. */
  readonly status: Status | undefined
}

async function askNodes(sources: StatusSources): Promise<readonly Asked<MemberEntry>[]> {
  const { nodes } = sources
  try {
    await nodes.open()
    return await askAll<MemberEntry>(sources, nodes)
  } finally {
    await nodes.close()
  }
}

function askAll<Status>({ calls }: StatusSources, members: Members): Promise<readonly Asked<Status>[]> {
  const ask = async (entry: MemberEntry): Promise<Asked<Status>> => {
    try {
      return { entry, status: (await calls.call(entry.address, ['status'])) as Status }
    } catch (error) {
      if (!StigmergyError.is(error, 'STG_CLUSTER_UNAVAILABLE')) throw error
      return { entry, status: undefined }
    }
  }
  return Promise.all([...members.live.values()].map(({ entry }) => ask(entry)))
}
