// Assembling: a function runs when all of its parts are there, in whatever order they come.
import { bySet, defineApp, defineRuntime, immediate, start } from 'stigmergy'

export const app = defineApp('assembling', (app) => {
  const orders = app.bucket<string>('orders')
  const parts = app.bucket<string>('parts')

  const order = app.fn<string, string>('order', async (fired, { put }) => {
    await put(orders, 'order', fired.value)
  })
  const price = app.fn<string>('price', async (fired, { put }) => {
    await put(parts, 'price', `${fired.value.length * 3} €`)
  })
  const stock = app.fn<string>('stock', async (fired, { put }) => {
    await put(parts, 'stock', `${fired.value.length} left`)
  })
  const offer = app.fn<string, string>('offer', (fired, { reply }) => {
    reply(fired.objects.map(({ key, value }) => `${key}: ${value}`).join(', '))
  })

  orders.when(immediate(), stock)
  orders.when(immediate(), price)
  parts.when(bySet({ keys: ['price', 'stock'] }), offer)
  return { order }
})

await using runtime = await start(defineRuntime(), app)
console.log(await runtime.invoke(app.handles.order, 'honey').result)
