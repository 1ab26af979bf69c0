// Sequential: each function runs on what the one before it has put.
import { defineApp, defineRuntime, immediate, start } from 'stigmergy'

export const app = defineApp('sequential', (app) => {
  const cleaned = app.bucket<string>('cleaned')
  const titled = app.bucket<string>('titled')

  const clean = app.fn<string, string>('clean', async (fired, { put }) => {
    await put(cleaned, 'text', fired.value.trim().replace(/\s+/g, ' '))
  })
  const title = app.fn<string>('title', async (fired, { put }) => {
    await put(
      titled,
      'text',
      fired.value.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()),
    )
  })
  const publish = app.fn<string, string>('publish', (fired, { reply }) => reply(`«${fired.value}»`))

  cleaned.when(immediate(), title)
  titled.when(immediate(), publish)
  return { clean }
})

await using runtime = await start(defineRuntime(), app)
console.log(await runtime.invoke(app.handles.clean, '  the   wisdom of\n ants ').result)
