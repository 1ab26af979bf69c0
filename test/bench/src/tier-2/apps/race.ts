import { defineApp, immediate, redundant } from 'stigmergy'

/** How many runners there are, and how many of them have to arrive. */
export const runners = 8
export const winners = 4

/** Eight runs of a function begin on the workers; the first four results decide. */
export const raceApp = defineApp('race', (app) => {
  const lanes = app.bucket<number>('lanes')
  const arrivals = app.bucket<number>('arrivals')
  const begin = app.fn<null, number>(
    'begin',
    async (_fired, { put }) => {
      for (let lane = 0; lane < runners; lane += 1) await put(lanes, undefined, lane)
    },
    { runOn: 'home' },
  )
  const run = app.fn<number>(
    'run',
    async ({ value }, { put }) => {
      await put(arrivals, undefined, 2 * value)
    },
    { puts: [arrivals] },
  )
  const decide = app.fn<number, number>('decide', ({ objects }, { reply }) => reply(objects.length), {
    runOn: 'home',
  })
  lanes.when(immediate(), run)
  arrivals.when(redundant({ k: winners, n: runners }), decide)
  return { begin }
})
