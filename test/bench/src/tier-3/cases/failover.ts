import { type Case, ours, type Probe, probe, type Row } from '../../case.js'
import { atMost, type Target } from '../../target.js'
import { leaseMs } from '../apps/failover.js'
import { FailingCluster } from '../failing-cluster.js'

/** The work: one of two coordinators is killed, the one to whose trigger objects are put. */
export const failover: Case = {
  name: 'failover',
  figure:
    'from `kill -9` of the coordinator of a shard to the next firing recorded in that shard, while puts flow; every object that was admitted is in one firing, else there is no figure',
  unit: 'lease periods',
  rounds: 10,
  warmUps: 0,
  long: true,
  subjects: [{ name: ours, open: openOurs }],
}

/** What failover is to reach, every time. */
export const failoverTarget: Target = atMost(3, failover.unit, 'failover of a shard, the slowest', slowest)

async function openOurs(): Promise<Probe> {
  const cluster = await FailingCluster.start()
  return probe(
    async () => [(await cluster.failOver()) / 1_000 / leaseMs],
    () => cluster[Symbol.asyncDispose](),
  )
}

function slowest(rows: readonly Row[]): number | undefined {
  return rows.find((row) => row.case === failover.name)?.max
}
