import { connect as connectNats } from '@nats-io/transport-node'
import { connect } from 'stigmergy'
import { type Case, type Effort, ours, type Probe, probe } from '../../case.js'
import { sharedNow } from '../../shared-clock.js'
import { clusterApp, clusterAt } from '../apps/cluster.js'
import { Crowd } from '../crowd.js'

const hopsPerBatch = 50
/** The peer of the target. */
export const rawRequest = 'NATS request'

/**
 * The work: a client has a function run on a node in another process, which takes the time in its first line and replies it. Ours is kept in
 * the journal before it runs, the peer's request nowhere.
 */
export const hop: Case = {
  name: 'hop-node',
  figure:
    'from `invoke` by a client to the first line of the function on a node in another process; the next follows when it has replied',
  unit: 'µs',
  rounds: 40,
  warmUps: 10,
  subjects: [
    { name: ours, open: openOurs },
    { name: rawRequest, open: openRaw },
  ],
}

async function openOurs(effort: Effort): Promise<Probe> {
  const crowd = await Crowd.start('node-worker')
  const client = await connect(clusterAt(crowd.server.url))
  const { hop } = clusterApp.handles
  return hops(
    effort,
    () => client.invoke(hop, undefined).result,
    async () => {
      await client.close()
      await crowd[Symbol.asyncDispose]()
    },
  )
}

async function openRaw(effort: Effort): Promise<Probe> {
  const crowd = await Crowd.start('responder-worker')
  const connection = await connectNats({ servers: crowd.server.url })
  const ask = async (): Promise<number> => Number((await connection.request('hop')).string())
  return hops(effort, ask, async () => {
    await connection.close()
    await crowd[Symbol.asyncDispose]()
  })
}

/** A probe of hops that each tell when they arrived. */
function hops(effort: Effort, arrived: () => Promise<number>, close: () => Promise<void>): Probe {
  const count = effort.size(hopsPerBatch)
  return probe(async () => {
    const figures: number[] = []
    for (let done = 0; done < count; done += 1) {
      const begun = sharedNow()
      figures.push((await arrived()) - begun)
    }
    return figures
  }, close)
}
