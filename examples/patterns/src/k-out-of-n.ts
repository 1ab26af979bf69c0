// k out of n: the first two answers of three are enough, and the third run is cancelled.
import { setTimeout } from 'node:timers/promises'
import { defineApp, defineRuntime, immediate, redundant, start } from 'stigmergy'

const delays = { near: 10, far: 60_000, midway: 30 }

export const app = defineApp('k-out-of-n', (app) => {
  const mirrors = app.bucket<number>('mirrors')
  const copies = app.bucket<string>('copies')

  const fetch = app.fn<void, string>('fetch', async (_fired, { put }) => {
    for (const [mirror, delay] of Object.entries(delays)) await put(mirrors, mirror, delay)
  })
  const ask = app.fn<number>(
    'ask',
    async ({ objects: [mirror], value }, { put, signal }) => {
      await setTimeout(value, undefined, { signal })
      await put(copies, mirror?.key, 'a copy')
    },
    { puts: [copies] },
  )
  const compare = app.fn<string, string>('compare', (fired, { reply }) => {
    reply(`copies from ${fired.objects.map(({ key }) => key).join(' and ')}`)
  })

  mirrors.when(immediate(), ask)
  copies.when(redundant({ k: 2, n: 3 }), compare)
  return { fetch }
})

await using runtime = await start(defineRuntime(), app)
console.log(await runtime.invoke(app.handles.fetch, undefined).result)
