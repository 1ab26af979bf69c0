// Conditional: the name of an object decides which function runs.
import { byName, defineApp, defineRuntime, start } from 'stigmergy'

export const app = defineApp('conditional', (app) => {
  const checked = app.bucket<number>('checked')

  const check = app.fn<number, string>('check', async (fired, { put }) => {
    await put(checked, fired.value > 1_000 ? 'large' : 'small', fired.value)
  })
  const approve = app.fn<number, string>('approve', (fired, { reply }) => reply(`${fired.value} is approved`))
  const ask = app.fn<number, string>('ask', (fired, { reply }) => reply(`${fired.value} needs a signature`))

  checked.when(byName({ match: 'small' }), approve)
  checked.when(byName({ match: 'large' }), ask)
  return { check }
})

await using runtime = await start(defineRuntime(), app)
for (const amount of [80, 12_500]) console.log(await runtime.invoke(app.handles.check, amount).result)
