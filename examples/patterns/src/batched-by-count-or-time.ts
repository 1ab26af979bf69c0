// Batched by count or time: what is enough goes at once, and nothing waits longer than it may.
import { CountOrTime, countOrTime } from '@stigmergy/count-or-time'
import { defineApp, defineRuntime, start } from 'stigmergy'

export const app = defineApp('batched-by-count-or-time', (app) => {
  const orders = app.bucket<string>('orders')

  const pack = app.fn<string>('pack', ({ objects, cause }) => {
    console.log(`by ${cause}: ${objects.map(({ value }) => value).join(', ')}`)
  })

  orders.when(countOrTime({ maxSize: 3, maxWaitMs: 50 }), pack)
  return { orders }
})

await using runtime = await start(defineRuntime({ primitives: [CountOrTime] }), app)
const events = runtime.events()
for (const order of ['tea', 'milk', 'salt', 'rice']) await runtime.put(app.handles.orders, undefined, order)

const pack = runtime.bucket(app.handles.orders).trigger('pack')
for await (const event of events) if (event.type === 'function-ended' && pack.ledger.fired === 4) break
