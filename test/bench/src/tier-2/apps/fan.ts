import { type AppBuilder, bySet, defineApp, dynamicJoin, immediate } from 'stigmergy'

/** One function at home starts so many runs of another on the workers; a third at home gets their results. */
export const fan16App = defineApp('fan-16', (app) => fanOf(app, 16))
export const fan1000App = defineApp('fan-1000', (app) => fanOf(app, 1_000))

function fanOf(app: AppBuilder, width: number) {
  return { bySet: fanBySet(app, width), dynamicJoin: fanByDynamicJoin(app) }
}

/** Every part has a name, and so has its double. */
function fanBySet(app: AppBuilder, width: number) {
  const keys = Array.from({ length: width }, (_, index) => `part-${index}`)
  const parts = app.bucket<number>('parts')
  const doubles = app.bucket<number>('doubles')
  const split = app.fn<number, number>(
    'split',
    async ({ value: count }, { put }) => {
      for (let index = 0; index < count; index += 1) await put(parts, keys[index], index)
    },
    { runOn: 'home' },
  )
  const double = app.fn<number>('double', async ({ objects, value }, { put }) => {
    await put(doubles, objects[0]?.key, 2 * value)
  })
  const sum = app.fn<number, number>('sum', ({ objects }, { reply }) => reply(sumOf(objects)), {
    runOn: 'home',
  })
  parts.when(immediate(), double)
  doubles.when(bySet({ keys }), sum)
  return split
}

/** The parts are the items of a set, of any size. */
function fanByDynamicJoin(app: AppBuilder) {
  const items = app.bucket<number>('items')
  const spread = app.fn<number, number>(
    'spread',
    async ({ value: count }, { put, closed }) => {
      for (let index = 0; index < count; index += 1) await put(items, undefined, index, { role: 'item' })
      closed(items, { scope: 'items', expected: count })
    },
    { runOn: 'home' },
  )
  const doubleItem = app.fn<number>('double-item', async ({ value }, { put }) => {
    await put(items, undefined, 2 * value)
  })
  const gather = app.fn<number, number>('gather', ({ objects }, { reply }) => reply(sumOf(objects)), {
    runOn: 'home',
  })
  items.when(dynamicJoin({ parallel: doubleItem }), gather)
  return spread
}

function sumOf(objects: readonly { readonly value: number }[]): number {
  return objects.reduce((sum, { value }) => sum + value, 0)
}
