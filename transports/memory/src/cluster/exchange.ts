import {
  StigmergyError,
  SystemClock,
  type ClusterExchange,
  type ClusterMember,
  type ClusterOptions,
  type Clock,
} from '@stigmergy/core'
import { limit } from '../limits.js'
import { MemoryNetwork } from '../network.js'
import { MemoryEntries } from './entries.js'
import { checkUp, MemoryMember, type MemoryCluster } from './member.js'
import { MemoryRecords, type RecordLimits } from './records.js'

export interface MemoryClusterOptions {
  /** The largest record of the journal, in bytes. Default 1 MiB. */
  readonly maxRecordBytes?: number
  /** What all records of a cluster may take, in bytes. Default 64 MiB. */
  readonly maxJournalBytes?: number
  /** By which ids of records are known for two minutes. Default `SystemClock`. */
  readonly clock?: Clock
}

/** Joins members of one process. Clusters live as long as the exchange that all their members share. */
export class MemoryClusterExchange implements ClusterExchange {
  readonly name = 'memory'
  readonly #limits: RecordLimits
  readonly #clock: Clock
  readonly #clusters = new Map<string, MemoryCluster>()
  readonly #members = new Set<MemoryMember>()
  #isDown = false

  constructor({ maxRecordBytes, maxJournalBytes, clock }: MemoryClusterOptions = {}) {
    this.#limits = {
      maxRecordBytes: limit('maxRecordBytes', maxRecordBytes ?? 2 ** 20, 1),
      maxJournalBytes: limit('maxJournalBytes', maxJournalBytes ?? 2 ** 26, 1),
    }
    this.#clock = clock ?? new SystemClock()
  }

  async join({ cluster, signal }: ClusterOptions): Promise<ClusterMember> {
    checkName(cluster)
    signal?.throwIfAborted()
    checkUp(!this.#isDown)
    const member: MemoryMember = new MemoryMember({
      cluster: this.#clusterOf(cluster),
      isUp: () => !this.#isDown,
      onClosed: () => this.#members.delete(member),
    })
    this.#members.add(member)
    return member
  }

  /** Stops to answer, as servers that are gone: calls reject with `STG_CLUSTER_UNAVAILABLE`, and watchers are told nothing. */
  stop(): void {
    this.#isDown = true
  }

  /** Answers again, with all that was stored. */
  resume(): void {
    this.#isDown = false
    for (const member of this.#members) member.catchUp()
  }

  #clusterOf(name: string): MemoryCluster {
    const known = this.#clusters.get(name)
    if (known !== undefined) return known
    const cluster = {
      network: new MemoryNetwork(),
      entries: new MemoryEntries(),
      records: new MemoryRecords(this.#limits, this.#clock),
    }
    this.#clusters.set(name, cluster)
    return cluster
  }
}

/** An exchange inside one process, for a config. */
export function memoryCluster(options?: MemoryClusterOptions): MemoryClusterExchange {
  return new MemoryClusterExchange(options)
}

function checkName(cluster: string): void {
  if (!/^[\w-]{1,64}$/.test(cluster))
    throw new StigmergyError(
      'STG_CONFIG_INVALID',
      `The name of the cluster is ${JSON.stringify(cluster)}; give 1 to 64 letters, digits, - and _.`,
      { details: { what: 'cluster', field: 'cluster', value: cluster } },
    )
}
