import { memoryCluster } from '@stigmergy/transport-memory'
import test from 'ava'
import { byBatchSize, connect, defineApp, defineRuntime, start, StigmergyError } from 'stigmergy'

/** An app that notes the batches of numbers that it gets, by their kind. */
function batchApp() {
  const batches: number[][] = []
  const app = defineApp('batches', (app) => {
    const numbers = app.bucket<number>('numbers')
    const note = app.fn<number>('note', ({ objects }) => {
      batches.push(objects.map(({ value }) => value))
    })
    numbers.when(byBatchSize({ count: 3 }), note, {
      partitionBy: ({ key }) => (Number(key) % 2 === 0 ? 'even' : 'odd'),
    })
    return { numbers }
  })
  return { app, batches }
}

async function clusterOf() {
  const cluster = { exchange: memoryCluster(), shards: 4, leaseMs: 500, callMs: 1_000 }
  const { app, batches } = batchApp()
  const node = await start(defineRuntime({ cluster }), app)
  const client = await connect(cluster)
  const { numbers } = app.handles
  const put = async (...values: number[]): Promise<void> => {
    for (const value of values) await client.put(numbers, `${value}`, value)
  }
  return {
    ...{ batches, client, put, trigger: client.trigger(numbers, 'note') },
    until: async (isSo: () => boolean) => {
      while (!isSo()) await client.status()
    },
    [Symbol.asyncDispose]: async () => {
      await client.close()
      await node.close()
    },
  }
}

test('a client sees what a trigger holds and waits for, partition by partition', async (t) => {
  await using here = await clusterOf()
  await here.put(1, 2, 3)
  const [odd, even] = await here.trigger.explain()
  t.like(odd, {
    trigger: 'numbers.note',
    primitive: 'by-batch-size',
    partition: { by: 'odd' },
    phase: 'open',
  })
  t.deepEqual(
    odd?.status.held.map(({ key }) => key),
    ['1', '3'],
  )
  t.deepEqual(odd?.says, ['holds 2 objects and fires when it gets 1 more object'])
  t.deepEqual(
    odd?.steps.map(({ event, outcome }) => `${event}: ${outcome}`),
    ['object 1: held', 'object 3: held'],
  )
  t.is(even?.status.held.length, 1)
  t.deepEqual(await here.trigger.explain({ by: 'even' }), [even!])
})

test('a client flushes one partition, or all', async (t) => {
  await using here = await clusterOf()
  await here.put(1, 2, 3)
  await here.trigger.flush({ by: 'odd' })
  await here.until(() => here.batches.length === 1)
  t.deepEqual(here.batches, [[1, 3]])
  await here.put(4)
  await here.trigger.flush()
  await here.until(() => here.batches.length === 2)
  t.deepEqual(here.batches[1], [2, 4])
})

test('what comes while a trigger is paused waits until it is resumed', async (t) => {
  await using here = await clusterOf()
  await here.trigger.pause()
  await here.put(1, 3, 5)
  t.deepEqual(
    (await here.trigger.explain()).map(({ phase }) => phase),
    ['paused'],
  )
  t.deepEqual(here.batches, [])
  await here.trigger.resume()
  await here.until(() => here.batches.length === 1)
  t.deepEqual(here.batches, [[1, 3, 5]])
})

test('a trigger that is reset begins anew', async (t) => {
  await using here = await clusterOf()
  await here.put(1, 3)
  await here.trigger.reset()
  await here.put(5, 7, 9)
  await here.until(() => here.batches.length === 1)
  t.deepEqual(here.batches, [[5, 7, 9]])
})

test('a trigger that there is not is refused by its name', async (t) => {
  await using here = await clusterOf()
  const none = here.client.trigger({ app: 'batches', bucket: 'numbers' }, 'none')
  for (const ask of [() => none.explain(), () => none.flush(), () => none.pause()]) {
    const error = await t.throwsAsync(ask)
    t.true(StigmergyError.is(error, 'STG_TRIGGER_UNKNOWN'))
    t.regex(error.message, /it has numbers\.note/)
  }
})
