import { memoryCluster } from '@stigmergy/transport-memory'
import test from 'ava'
import { byBatchSize, connect, defineApp, defineRuntime, start, StigmergyError } from 'stigmergy'

interface Reading {
  readonly city: string
  readonly degrees: number
}

/** Pairs of readings by their city, those below zero left out: both are told by the value. */
async function clusterOfReadings(limits: { readonly inlineBytes?: number } = {}) {
  const pairs: string[] = []
  const app = defineApp('weather', (app) => {
    const readings = app.bucket<Reading>('readings')
    const note = app.fn<Reading>('note', ({ objects }) => {
      pairs.push(objects.map(({ value: { city, degrees } }) => `${city} ${degrees}`).join(', '))
    })
    const tell = app.fn<readonly Reading[]>('tell', async ({ value }, { put }) => {
      for (const reading of value) await put(readings, undefined, reading)
    })
    readings.when(byBatchSize({ count: 2 }), note, {
      partitionBy: ({ value }) => value.city,
      filter: ({ value }) => value.degrees >= 0,
    })
    return { readings, tell }
  })
  const cluster = { exchange: memoryCluster(), shards: 4, leaseMs: 500, callMs: 1_000, ...limits }
  const node = await start(defineRuntime({ cluster }), app)
  const client = await connect(cluster)
  return {
    ...{ pairs, client, ...app.handles },
    untilPairs: async (count: number) => {
      while (pairs.length < count) await client.status()
    },
    [Symbol.asyncDispose]: async () => {
      await client.close()
      await node.close()
    },
  }
}

const given: readonly Reading[] = [
  { city: 'Berlin', degrees: 3 },
  { city: 'Rome', degrees: 12 },
  { city: 'Berlin', degrees: -2 },
  { city: 'Rome', degrees: 14 },
  { city: 'Berlin', degrees: 5 },
]

test('filters and partitionBy of shared triggers see values that clients put', async (t) => {
  await using here = await clusterOfReadings()
  for (const reading of given) await here.client.put(here.readings, undefined, reading)
  await here.untilPairs(2)
  t.deepEqual(here.pairs.toSorted(), ['Berlin 3, Berlin 5', 'Rome 12, Rome 14'])
})

test('filters and partitionBy of shared triggers see values that functions put', async (t) => {
  await using here = await clusterOfReadings()
  await here.client.invoke(here.tell, given).result
  await here.untilPairs(2)
  t.deepEqual(here.pairs.toSorted(), ['Berlin 3, Berlin 5', 'Rome 12, Rome 14'])
})

test('a value that stays on its node is refused where a filter reads it, and nothing is lost', async (t) => {
  await using here = await clusterOfReadings({ inlineBytes: 100 })
  const large = { city: 'Berlin'.repeat(100), degrees: 1 }
  const error = await t.throwsAsync(here.client.put(here.readings, 'large', large))
  t.true(StigmergyError.is(error, 'STG_CLUSTER_SHARED'))
  t.regex(error.message, /"large".*inlineBytes/s)
  for (const reading of given.slice(0, 1)) await here.client.put(here.readings, 'large', reading)
  await here.client.put(here.readings, undefined, given[4]!)
  await here.untilPairs(1)
  t.deepEqual(here.pairs, ['Berlin 3, Berlin 5'])
})
