// Batched by time: one run for what came in a period, whoever has put it.
import { byTime, defineApp, defineRuntime, start } from 'stigmergy'

export const app = defineApp('batched-by-time', (app) => {
  const readings = app.bucket<number>('readings')

  const average = app.fn<number>('average', ({ objects }) => {
    const sum = objects.reduce((total, { value }) => total + value, 0)
    console.log(`${objects.length} readings, ${sum / objects.length} on average`)
  })

  readings.when(byTime({ every: 100, align: 'first' }), average)
  return { readings }
})

await using runtime = await start(defineRuntime(), app)
for (const celsius of [19, 21, 23]) await runtime.put(app.handles.readings, undefined, celsius)
for await (const event of runtime.events()) if (event.type === 'function-ended') break
