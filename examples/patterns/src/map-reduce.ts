// Map and reduce: objects are shuffled into groups, and each group has a run of its own once all mappers have ended.
import { defineApp, defineRuntime, dynamicGroup, immediate, start } from 'stigmergy'

export const app = defineApp('map-reduce', (app) => {
  const lines = app.bucket<string>('lines')
  const shuffle = app.bucket<number>('shuffle')

  const split = app.fn<string>('split', async (fired, { put, closed }) => {
    const parts = fired.value.split('\n')
    for (const line of parts) await put(lines, undefined, line)
    closed(shuffle, { scope: 'items', expected: parts.length })
  })
  const map = app.fn<string>(
    'map',
    async (fired, { put }) => {
      for (const word of fired.value.split(' ')) await put(shuffle, undefined, 1, { group: word })
    },
    { puts: [shuffle] },
  )
  const reduce = app.fn<number>('reduce', ({ objects, meta }) =>
    console.log(`${objects.length} ${String(meta['group'])}`),
  )

  lines.when(immediate(), map)
  shuffle.when(dynamicGroup({ producers: 'sealed' }), reduce)
  return { split }
})

await using runtime = await start(defineRuntime(), app)
await runtime.invoke(app.handles.split, 'one fish two fish\nred fish blue fish').ended
