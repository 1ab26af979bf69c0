import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect as connectNats } from '@nats-io/transport-node'
import { connect } from 'stigmergy'
import { type Case, type Effort, ours, type Probe, probe } from '../../case.js'
import { Stopwatch, timeEach } from '../../stopwatch.js'
import { clusterApp, clusterAt } from '../apps/cluster.js'
import { Crowd } from '../crowd.js'

const putsPerBatch = 50
/** The peer of the target. */
export const rawPublish = 'JetStream publish'

/** The work: an object goes to a trigger whose authority is in another process, and is in the journal when that has said so. */
export const journalledPut: Case = {
  name: 'journalled-put',
  figure:
    'a put by a client into a bucket whose trigger survives its coordinator; the next follows when it is done',
  unit: 'µs',
  rounds: 40,
  warmUps: 10,
  subjects: [
    { name: ours, open: openOurs },
    { name: rawPublish, open: openRaw },
  ],
}

async function openOurs(effort: Effort): Promise<Probe> {
  const crowd = await Crowd.start('node-worker')
  const client = await connect(clusterAt(crowd.server.url))
  const { events } = clusterApp.handles
  return puts(
    effort,
    () => client.put(events, undefined, 1),
    async () => {
      await client.close()
      await crowd[Symbol.asyncDispose]()
    },
  )
}

async function openRaw(effort: Effort): Promise<Probe> {
  const crowd = await Crowd.start('responder-worker')
  const connection = await connectNats({ servers: crowd.server.url })
  const manager = await jetstreamManager(connection)
  await manager.streams.add({ name: 'bench', subjects: ['bench.>'] })
  const js = jetstream(connection)
  const record = new Uint8Array(64)
  return puts(
    effort,
    () => js.publish('bench.events', record),
    async () => {
      await connection.close()
      await crowd[Symbol.asyncDispose]()
    },
  )
}

function puts(effort: Effort, put: () => Promise<unknown>, close: () => Promise<void>): Probe {
  const watch = new Stopwatch()
  return probe(() => timeEach(watch, effort.size(putsPerBatch), put), close)
}
