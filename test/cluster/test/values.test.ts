import { NatsServer } from '@stigmergy-test/nats-server'
import test, { type ExecutionContext } from 'ava'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ClusterClient, connect, StigmergyError } from 'stigmergy'
import blobs, { blobOf, digestOf } from '../src/blobs.js'
import { Crowd } from '../src/crowd.js'
import { clusterAt } from '../src/settings.js'

/** A batch, as the function that got it has noted it. */
interface Pair {
  readonly ranOn: number
  readonly read: readonly { readonly madeBy: number; readonly digest: string }[]
}

interface World {
  readonly url: string
  readonly client: ClusterClient
  readonly notes: string
}

/** Two nodes that coordinate, too. */
async function inPair(t: ExecutionContext, run: (world: World) => Promise<void>): Promise<void> {
  t.timeout(110_000)
  const folder = await mkdtemp(join(tmpdir(), 'stigmergy-values-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const notes = join(folder, 'notes')
  await using server = await NatsServer.start()
  await using crowd = new Crowd(server.url, notes, 'blob-member.ts')
  await Promise.all([crowd.start('node'), crowd.start('node')])
  await using client = await connect(clusterAt(server.url))
  await run({ url: server.url, client, notes })
}

async function pairsIn(notes: string, count: number): Promise<readonly Pair[]> {
  for (;;) {
    const text = await readFile(notes, 'utf8').catch(() => '')
    const lines = text.split('\n').filter((line) => line !== '')
    if (lines.length >= count) return lines.map((line) => JSON.parse(line) as Pair)
    await sleep(50)
  }
}

test.serial('values of 10 MB go from node to node, and to the client and back, as they are', (t) =>
  inPair(t, async ({ client, notes }) => {
    const reversed = await client.invoke(blobs.handles.reverse, blobOf(99)).result
    t.is(digestOf(reversed), digestOf(blobOf(99).reverse()))
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8]
    const made = await Promise.all(seeds.map((seed) => client.invoke(blobs.handles.make, seed).result))
    t.deepEqual(
      made,
      seeds.map((seed) => digestOf(blobOf(seed))),
    )
    const pairs = await pairsIn(notes, seeds.length / 2)
    const read = pairs.flatMap((pair) => pair.read)
    t.deepEqual(read.map(({ digest }) => digest).sort(), [...made].sort())
    t.true(pairs.some(({ ranOn, read }) => read.some(({ madeBy }) => madeBy !== ranOn)))
  }),
)

test.serial(
  'where values travel inside of messages, one that does not fit is refused, and the message says why',
  (t) =>
    inPair(t, async ({ url }) => {
      await using client = await connect({ ...clusterAt(url), values: undefined })
      const { result } = client.invoke(blobs.handles.reverse, blobOf(1))
      const error = await t.throwsAsync(result)
      t.true(StigmergyError.is(error, 'STG_TRANSPORT_FRAME_TOO_LARGE'))
      t.regex(error.message, /values, such as tcp\(\)/)
    }),
)
