import { defineApp, dynamicJoin } from 'stigmergy'
import { burn } from '../burn.js'

/** A function at home maps numbers by one that only computes, on the workers. */
export const burnApp = defineApp('burn', (app) => {
  const items = app.bucket<number>('items')
  const spread = app.fn<readonly number[], number>(
    'spread',
    async ({ value: loops }, { put, closed }) => {
      for (const count of loops) await put(items, undefined, count, { role: 'item' })
      closed(items, { scope: 'items', expected: loops.length })
    },
    { runOn: 'home' },
  )
  const work = app.fn<number>('work', async ({ value: loops }, { put }) => {
    await put(items, undefined, burn(loops))
  })
  const gather = app.fn<number, number>('gather', ({ objects }, { reply }) => reply(objects.length), {
    runOn: 'home',
  })
  items.when(dynamicJoin({ parallel: work }), gather)
  return { spread }
})
