/** An app as a user's module: `half` fails for odd numbers, `pairs` are joined across sessions. */
export const numbersApp = `
import { byBatchSize, defineApp, immediate } from 'stigmergy'

export const numbers = defineApp('numbers', (app) => {
  const halves = app.bucket<number>('halves')
  const half = app.fn<number, number>('half', async ({ value }, { put, reply }) => {
    if (value % 2 !== 0) throw new Error(\`\${value} is odd\`)
    await put(halves, undefined, value / 2)
    reply(value / 2)
  })
  const show = app.fn<number>('show', ({ value }) => console.log('shows', value))
  const pair = app.fn<number>('pair', ({ objects }) => {
    if (objects.some(({ value }) => value > 100)) throw new Error('a large pair')
    console.log('pair', objects.map(({ value }) => value).join(' '))
  })
  halves.when(immediate(), show)
  halves.when(byBatchSize({ count: 2 }), pair)
  return { half }
})
`
