import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { byBatchSize, bySet, defineApp, immediate } from 'stigmergy'

const parts = ['a', 'b', 'c'] as const

/** Events of a batch. */
export const batchSize = 3
/** Events that one session puts. */
export const eventsPerSession = parts.length

/** Where batches are noted, a line for each run: the firing, and the keys of its objects. */
const notes = process.env['STIGMERGY_NOTES']

/** A join in each session, and batches across all of them. */
export default defineApp('orders', (app) => {
  const items = app.bucket<number>('items')
  const results = app.bucket<number>('results')
  const events = app.bucket<number>('events')
  const split = app.fn<number, number>('split', async ({ value }, { put }) => {
    for (const [at, part] of parts.entries()) await put(items, part, value + at)
  })
  const double = app.fn<number>('double', async ({ objects, value }, { put, session }) => {
    const { key } = objects[0]!
    await sleep(20)
    await put(events, `${session}/${key}`, value)
    await put(results, key, value * 2)
  })
  const sum = app.fn<number, number>('sum', ({ objects }, { reply }) => {
    reply(objects.reduce((total, { value }) => total + value, 0))
  })
  const note = app.fn<number>('note', ({ id, objects }) => {
    if (notes !== undefined) appendFileSync(notes, `${id} ${objects.map(({ key }) => key).join()}\n`)
  })
  items.when(immediate(), double)
  results.when(bySet({ keys: [...parts] }), sum)
  events.when(byBatchSize({ count: batchSize }), note)
  return { split, events }
})

/** What a session of `split` replies. */
export function expectedReply(value: number): number {
  return parts.reduce((total, _part, at) => total + (value + at) * 2, 0)
}
