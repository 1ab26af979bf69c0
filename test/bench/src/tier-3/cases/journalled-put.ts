import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect as connectNats } from '@nats-io/transport-node'
import { NatsServer } from '@stigmergy-test/nats-server'
import { connect, defineRuntime, start } from 'stigmergy'
import { type Case, type Effort, ours, type Probe, probe } from '../../case.js'
import { Stopwatch, timeEach } from '../../stopwatch.js'
import { clusterApp, clusterAt } from '../apps/cluster.js'
import { Crowd } from '../crowd.js'

/** So many that all is compiled when figures begin to count. */
const putsPerBatch = 100
/** The peer of the target. */
export const rawPublish = 'JetStream publish'

/**
 * The work: an object goes to a trigger that all sessions share, and is in the journal when the put is done. The node that puts it also holds
 * the shard of the bucket; a client has to ask that node. The peer publishes a record.
 */
export const journalledPut: Case = {
  name: 'journalled-put',
  figure:
    'a put into a bucket whose trigger survives its coordinator, on the node that holds the shard, or by a client of it; the next follows when it is done',
  unit: 'µs',
  rounds: 40,
  subjects: [
    { name: ours, open: openNode },
    { name: `${ours}, from a client`, open: openClient },
    { name: rawPublish, open: openRaw },
  ],
}

const { events } = clusterApp.handles

async function openNode(effort: Effort): Promise<Probe> {
  const server = await NatsServer.start()
  const runtime = await start(defineRuntime({ cluster: clusterAt(server.url) }), clusterApp)
  return puts(
    effort,
    () => runtime.put(events, undefined, 1),
    async () => {
      await runtime.close({ now: true })
      await server[Symbol.asyncDispose]()
    },
  )
}

async function openClient(effort: Effort): Promise<Probe> {
  const crowd = await Crowd.start('node-worker')
  const client = await connect(clusterAt(crowd.server.url))
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
  const server = await NatsServer.start()
  const connection = await connectNats({ servers: server.url })
  const manager = await jetstreamManager(connection)
  await manager.streams.add({ name: 'bench', subjects: ['bench.>'] })
  const js = jetstream(connection)
  const record = new Uint8Array(64)
  return puts(
    effort,
    () => js.publish('bench.events', record),
    async () => {
      await connection.close()
      await server[Symbol.asyncDispose]()
    },
  )
}

function puts(effort: Effort, put: () => Promise<unknown>, close: () => Promise<void>): Probe {
  const watch = new Stopwatch()
  return probe(() => timeEach(watch, effort.size(putsPerBatch), put), close)
}
