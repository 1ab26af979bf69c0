// Batched by count: one run for every three objects, whoever has put them.
import { byBatchSize, defineApp, defineRuntime, start } from 'stigmergy'

export const app = defineApp('batched-by-count', (app) => {
  const letters = app.bucket<string>('letters')

  const deliver = app.fn<string>('deliver', ({ objects, partial }) => {
    const addresses = objects.map(({ value }) => value).join(', ')
    console.log(partial ? `the last round: ${addresses}` : `a full round: ${addresses}`)
  })

  letters.when(byBatchSize({ count: 3 }), deliver)
  return { letters }
})

await using runtime = await start(defineRuntime(), app)
for (const address of ['Oak 1', 'Elm 5', 'Ash 2', 'Fir 9'])
  await runtime.put(app.handles.letters, undefined, address)
