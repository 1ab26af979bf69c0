import { byBatchSize, bySet, byTime, defineApp, immediate } from 'stigmergy'
import type { Random } from './random.js'
import type { VirtualTime } from './virtual-time.js'

/** What functions have done, as the world sees it: by firing, the keys of the objects of each run. */
export type Runs = Map<string, string[][]>

export interface Seen {
  readonly batches: Runs
  readonly windows: Runs
  /** Of a bucket that is kept in memory alone. */
  readonly fleeting: Runs
}

/** How many objects make a batch. */
export const batchSize = 3
/** The keys that a session joins. */
export const parts = ['a', 'b', 'c'] as const

/** An app with what a cluster has to get right: a join in each session, and batches and windows across sessions. */
export function simulatedApp(time: VirtualTime, random: Random, seen: Seen) {
  const work = async (longest = 60): Promise<void> => {
    if (random.chance(0.7)) await time.sleep(random.whole(0, longest))
  }
  const note = (runs: Runs, id: string, keys: string[]): void =>
    void runs.set(id, [...(runs.get(id) ?? []), keys])
  return defineApp('app', (app) => {
    const items = app.bucket<number>('items')
    const results = app.bucket<number>('results')
    const events = app.bucket<number>('events')
    const ticks = app.bucket<number>('ticks')
    const fleeting = app.bucket<number>('fleeting', { durability: 'memory' })
    const split = app.fn<number, number>('split', async ({ value }, { put }) => {
      await work()
      await Promise.all(parts.map((_part, at) => put(items, undefined, value + at)))
    })
    const map = app.fn<number>('map', async ({ objects, value }, { put, session }) => {
      const key = parts[Number(objects[0]!.key.split('/').at(-1))]
      await work()
      await put(events, `${session}/${key}`, value)
      await put(results, key, value * 2)
    })
    const join = app.fn<number, number>('join', async ({ objects }, { put, reply, session }) => {
      await work()
      await put(ticks, session, objects.length)
      reply(objects.reduce((sum, { value }) => sum + value, 0))
    })
    const batch = app.fn<number>('batch', async ({ id, objects }) => {
      await work(2_000)
      note(
        seen.batches,
        id,
        objects.map(({ key }) => key),
      )
    })
    const window = app.fn<number>('window', async ({ id, objects }) => {
      await work()
      note(
        seen.windows,
        id,
        objects.map(({ key }) => key),
      )
    })
    const fleet = app.fn<number>('fleet', async ({ id, objects }) => {
      await work()
      note(
        seen.fleeting,
        id,
        objects.map(({ key }) => key),
      )
    })
    items.when(immediate(), map)
    results.when(bySet({ keys: [...parts] }), join)
    events.when(byBatchSize({ count: batchSize }), batch)
    ticks.when(byTime({ every: 700 }), window)
    fleeting.when(byBatchSize({ count: batchSize }), fleet)
    return { split, events, results, fleeting }
  })
}

export type SimulatedApp = ReturnType<typeof simulatedApp>

/** What such a session puts into `results` under the key at this place. */
export function resultOf(value: number, at: number): number {
  return (value + at) * 2
}

/** What a session of `split` replies. */
export function expectedReply(value: number): number {
  return parts.reduce((sum, _part, at) => sum + resultOf(value, at), 0)
}

/** Objects that such a session puts into `events`, and into `ticks`. */
export const putsPerSession = { events: parts.length, ticks: 1 }
