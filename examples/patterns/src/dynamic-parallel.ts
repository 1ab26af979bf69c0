// Dynamic parallel: as many runs as the data asks for, and one that gets all of their results in order.
import { defineApp, defineRuntime, dynamicJoin, start } from 'stigmergy'

export const app = defineApp('dynamic-parallel', (app) => {
  const pages = app.bucket<string>('pages')

  const scan = app.fn<readonly string[], string>('scan', async (fired, { put, closed }) => {
    for (const page of fired.value) await put(pages, undefined, page, { role: 'item' })
    closed(pages, { scope: 'items', expected: fired.value.length })
  })
  const recognise = app.fn<string>('recognise', async (fired, { put }) => {
    await put(pages, undefined, fired.value.toUpperCase())
  })
  const bind = app.fn<string, string>('bind', (fired, { reply }) => {
    reply(fired.objects.map(({ value }) => value).join(' | '))
  })

  pages.when(dynamicJoin({ parallel: recognise }), bind)
  return { scan }
})

await using runtime = await start(defineRuntime(), app)
console.log(await runtime.invoke(app.handles.scan, ['cover', 'chapter one', 'index']).result)
