import { defineApp, defineRuntime, start } from 'stigmergy'
import { Debounce, debounce } from './index.js'

interface Typed {
  readonly user: string
  readonly text: string
}

/** Searches for what a user has typed, once the typing stops. */
export const search = defineApp('search', (app) => {
  const typed = app.bucket<Typed>('typed')
  const find = app.fn<Typed>('find', (fired) => {
    const { user, text } = fired.value
    console.log(`${user} is looking for ${text}`)
  })
  typed.when(debounce({ waitMs: 50, maxWaitMs: 1_000 }), find, { partitionBy: ({ value }) => value.user })
  return { typed }
})

await using runtime = await start(defineRuntime({ primitives: [Debounce] }), search)

for (const text of ['a', 'an', 'ant', 'ants'])
  await runtime.put(search.handles.typed, undefined, { user: 'Ada', text })
for (const text of ['b', 'bee']) await runtime.put(search.handles.typed, undefined, { user: 'Bo', text })

let searches = 0
for await (const event of runtime.events()) if (event.type === 'function-ended' && ++searches === 2) break

const { admitted, fired, disposed } = runtime.bucket(search.handles.typed).trigger('find').ledger
console.log(`${admitted} keystrokes, ${fired} searches, ${disposed.superseded} superseded`)
