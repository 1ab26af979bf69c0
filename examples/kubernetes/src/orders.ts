import { byBatchSize, bySet, defineApp, immediate } from 'stigmergy'

/** Orders that go into one parcel. */
export const parcelSize = 10

/** Prices an order from two sides at a time, and packs orders of all sessions into parcels. */
export const orders = defineApp('orders', (app) => {
  const placed = app.bucket<number>('placed')
  const parts = app.bucket<number>('parts')
  const packed = app.bucket<number>('packed')

  const place = app.fn<number, number>(
    'place',
    async ({ value }, { put }) => {
      await put(placed, undefined, value)
      await put(packed, undefined, value)
    },
    { puts: [placed, packed] },
  )
  const goods = app.fn<number>(
    'goods',
    async ({ value }, { put }) => void (await put(parts, 'goods', value * 20)),
    {
      puts: [parts],
    },
  )
  const freight = app.fn<number>(
    'freight',
    async ({ value }, { put }) => void (await put(parts, 'freight', 5 + value)),
    {
      puts: [parts],
    },
  )
  const total = app.fn<number, number>(
    'total',
    ({ objects }, { reply }) => reply(objects.reduce((sum, { value }) => sum + value, 0)),
    { puts: [] },
  )
  const parcel = app.fn<number>(
    'parcel',
    ({ objects }) => console.log(`a parcel of ${objects.length} orders`),
    {
      puts: [],
    },
  )

  placed.when(immediate(), goods).when(immediate(), freight)
  parts.when(bySet({ keys: ['goods', 'freight'] }), total, { deadline: 60_000 })
  packed.when(byBatchSize({ count: parcelSize }), parcel)
  return { place }
})
