import { NatsServer } from '@stigmergy-test/nats-server'
import test, { type ExecutionContext } from 'ava'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ClusterClient, connect } from 'stigmergy'
import orders, { batchSize, eventsPerSession, expectedReply } from '../src/app.js'
import { Crowd } from '../src/crowd.js'
import { clusterAt } from '../src/settings.js'

interface World {
  readonly server: NatsServer
  readonly crowd: Crowd
  readonly client: ClusterClient
  readonly notes: string
}

/** Three nodes and two coordinators on a server of their own. */
async function inCluster(t: ExecutionContext, run: (world: World) => Promise<void>): Promise<void> {
  t.timeout(110_000)
  const folder = await mkdtemp(join(tmpdir(), 'stigmergy-cluster-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const notes = join(folder, 'notes')
  await using server = await NatsServer.start()
  await using crowd = new Crowd(server.url, notes)
  await Promise.all(
    (['node', 'node', 'node', 'coordinator', 'coordinator'] as const).map((role) => crowd.start(role)),
  )
  await using client = await connect(clusterAt(server.url))
  await run({ server, crowd, client, notes })
}

const requests = 40

/** Every request has its own reply, and every event of all of them is in one batch, and one only. */
async function allRight(t: ExecutionContext, { client, notes }: World): Promise<void> {
  const values = Array.from({ length: requests }, (_, at) => at * 10)
  const sessions = values.map((value) => client.invoke(orders.handles.split, value))
  const replies = await Promise.all(sessions.map(({ result }) => result))
  t.deepEqual(replies, values.map(expectedReply))
  const batches = Math.floor((requests * eventsPerSession) / batchSize)
  const seen = await whenNoted(notes, batches)
  t.is(new Set([...seen.values()].flat()).size, batches * batchSize)
}

/** The objects of each firing, once so many have run. One that ran twice did so with the same objects. */
async function whenNoted(notes: string, firings: number): Promise<ReadonlyMap<string, readonly string[]>> {
  for (;;) {
    const text = await readFile(notes, 'utf8').catch(() => '')
    const lines = text.split('\n').filter((line) => line !== '')
    const seen = new Map<string, readonly string[]>()
    for (const line of lines) {
      const [id, keys] = line.split(' ') as [string, string]
      const before = seen.get(id)
      if (before !== undefined && before.join() !== keys) throw new Error(`firing ${id} has run with others`)
      seen.set(id, keys.split(','))
    }
    if (seen.size >= firings) return seen
    await sleep(50)
  }
}

test.serial('processes share the work, and nothing is lost or done twice', (t) =>
  inCluster(t, (world) => allRight(t, world)),
)

test.serial('nodes and coordinators are killed meanwhile', (t) =>
  inCluster(t, async (world) => {
    const done = allRight(t, world)
    await world.crowd.replace('node')
    await world.crowd.replace('coordinator')
    await world.crowd.replace('node')
    await done
  }),
)

test.serial('the server is stopped and started meanwhile', (t) =>
  inCluster(t, async (world) => {
    const done = allRight(t, world)
    await world.server.stop()
    await world.server.resume()
    await done
  }),
)
