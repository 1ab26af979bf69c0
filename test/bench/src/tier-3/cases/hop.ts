import { connect as connectNats } from '@nats-io/transport-node'
import { connect } from 'stigmergy'
import { type Case, type Effort, ours, type Probe, probe } from '../../case.js'
import { sharedNow } from '../../shared-clock.js'
import { clusterApp, clusterAt } from '../apps/cluster.js'
import { Crowd } from '../crowd.js'
import { Relay } from '../relay.js'

/** So many that all is compiled when figures begin to count: a hop passes through much that runs once in each. */
const hopsPerBatch = 100
/** The peer of the target. */
export const rawRequest = 'NATS request'

/**
 * The work: one process has a function run in another, which takes the time in its first line. Between nodes it is a function that puts an
 * object, and one that the object triggers on the other node. A client invokes the function, which is kept in the journal before it runs. The
 * peer's request is kept nowhere. Figures are those of one way; the answers go back before the next hop begins.
 */
export const hop: Case = {
  name: 'hop-node',
  figure:
    'from `put` by a function to the first line of the function that it triggers on another node; from `invoke` by a client to the first line of a function on a node; from a request to the first line of its responder',
  unit: 'µs',
  rounds: 40,
  subjects: [
    { name: ours, open: openRelay },
    { name: `${ours}, from a client`, open: openClient },
    { name: rawRequest, open: openRaw },
  ],
}

async function openRelay(effort: Effort): Promise<Probe> {
  const relay = await Relay.start()
  return hops(
    effort,
    () => relay.hop(),
    () => relay[Symbol.asyncDispose](),
  )
}

async function openClient(effort: Effort): Promise<Probe> {
  const crowd = await Crowd.start('node-worker')
  const client = await connect(clusterAt(crowd.server.url))
  const { hop } = clusterApp.handles
  return hops(
    effort,
    () => untilArrival(() => client.invoke(hop, undefined).result),
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
  return hops(
    effort,
    () => untilArrival(ask),
    async () => {
      await connection.close()
      await crowd[Symbol.asyncDispose]()
    },
  )
}

/** The µs until an arrival that tells when it was. */
async function untilArrival(arrival: () => Promise<number>): Promise<number> {
  const begun = sharedNow()
  return (await arrival()) - begun
}

/** A probe of hops, one after the other. */
function hops(effort: Effort, hop: () => Promise<number>, close: () => Promise<void>): Probe {
  const count = effort.size(hopsPerBatch)
  return probe(async () => {
    const figures: number[] = []
    for (let done = 0; done < count; done += 1) figures.push(await hop())
    return figures
  }, close)
}
