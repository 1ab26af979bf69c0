import { memoryCluster, MemoryObjectStore, MemoryValueExchange } from '@stigmergy/transport-memory'
import test from 'ava'
import { byBatchSize, bySet, connect, defineApp, defineRuntime, start } from 'stigmergy'

/** A node and a client whose values are all lent, and go by tickets. */
async function lending() {
  const batches: number[] = []
  const app = defineApp('lending', (define) => {
    const parts = define.bucket<string>('parts')
    const events = define.bucket<string>('events')
    const join = define.fn<string, number>('join', ({ objects }, { reply }) => {
      reply(objects.reduce((sum, { value }) => sum + value.length, 0))
    })
    const batch = define.fn<string>('batch', ({ objects }) => {
      batches.push(objects.reduce((sum, { value }) => sum + value.length, 0))
    })
    parts.when(bySet({ keys: ['a', 'b'] }), join)
    events.when(byBatchSize({ count: 2 }), batch)
    return { parts, events }
  })
  const values = new MemoryValueExchange()
  const cluster = {
    exchange: memoryCluster(),
    values,
    shards: 4,
    leaseMs: 500,
    callMs: 1_000,
    inlineBytes: 8,
  }
  const node = await start(defineRuntime({ cluster, limits: { sessionIdleMs: 50 } }), app)
  const store = new MemoryObjectStore()
  const client = await connect(cluster, { store })
  return {
    ...{ client, node, store, batches, ...app.handles },
    /** Resolves when neither store has anything any more. */
    allGivenBack: async () => {
      while (store.usage.objects > 0 || node.stats.objects.live > 0) await client.status()
    },
    [Symbol.asyncDispose]: async () => {
      await client.close()
      await node.close()
    },
  }
}

const large = 'x'.repeat(1_000)

test('what a client has put into a session by name is given back when that has ended', async (t) => {
  await using here = await lending()
  const { client, parts, store } = here
  await client.put(parts, 'a', large, { session: 'order' })
  t.is(store.usage.objects, 1, 'whoever runs the session again needs it')
  await client.put(parts, 'b', large, { session: 'order' })
  t.is(await client.session('order').result, 2_000)
  t.deepEqual(await client.session('order').ended, { outcome: 'succeeded' })
  await here.allGivenBack()
})

test('what a session does not admit is given back at once', async (t) => {
  await using here = await lending()
  const { client, parts, store } = here
  await client.put(parts, 'a', large, { session: 'order' })
  t.is(await client.put(parts, 'a', large, { session: 'order' }), 'duplicate')
  await t.throwsAsync(client.put(parts, 'a', `${large}!`, { session: 'order' }), {
    code: 'STG_OBJECT_KEY_CONFLICT',
  })
  t.is(store.usage.objects, 1)
})

test('what a client has put for triggers that all nodes share is given back when it was fired', async (t) => {
  await using here = await lending()
  const { client, events, batches } = here
  await client.put(events, 'a', large)
  await client.put(events, 'b', large)
  await here.allGivenBack()
  t.deepEqual(batches, [2_000])
})
