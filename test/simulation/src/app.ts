import { type App, byBatchSize, bySet, defineApp, immediate } from 'stigmergy'
import type { Random } from './random.js'
import type { VirtualTime } from './virtual-time.js'

/** What functions have done, as seen from outside: told at once, and told again when they run again. */
export interface Seen {
  /** By firing id, the keys of each run's objects. */
  readonly batches: Map<string, string[][]>
  /** Runs of the joining function by session. */
  readonly joined: Map<string, number>
}

export const parts = ['a', 'b', 'c'] as const
export const batchSize = 3

/** An app with what a cluster has to get right: a join in a session, and batches across sessions. */
export function simulatedApp(time: VirtualTime, random: Random, seen: Seen) {
  const work = async (): Promise<void> => {
    if (random.chance(0.7)) await time.sleep(random.whole(0, 40))
  }
  return defineApp('app', (app) => {
    const items = app.bucket<number>('items')
    const results = app.bucket<number>('results')
    const events = app.bucket<number>('events')
    const split = app.fn<number, number>('split', async ({ value }, { put }) => {
      await work()
      for (const [at, part] of parts.entries()) await put(items, part, value + at)
    })
    const map = app.fn<number>('map', async ({ objects, value }, { put, session }) => {
      const { key } = objects[0]!
      await work()
      await put(events, `${session}/${key}`, value)
      await put(results, key, value * 2)
    })
    const join = app.fn<number, number>('join', async ({ objects }, { reply, session }) => {
      await work()
      seen.joined.set(session, (seen.joined.get(session) ?? 0) + 1)
      reply(objects.reduce((sum, { value }) => sum + value, 0))
    })
    const record = app.fn<number>('record', async ({ id, objects }) => {
      const runs = seen.batches.get(id) ?? []
      seen.batches.set(id, [...runs, objects.map(({ key }) => key)])
      await work()
    })
    items.when(immediate(), map)
    results.when(bySet({ keys: [...parts] }), join)
    events.when(byBatchSize({ count: batchSize }), record)
    return { split, events }
  })
}

export type SimulatedApp = ReturnType<typeof simulatedApp>

/** What a session of `split` replies. */
export function expectedReply(value: number): number {
  return parts.reduce((sum, _part, at) => sum + (value + at) * 2, 0)
}

export type { App }
