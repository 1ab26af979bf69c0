import type { App } from 'stigmergy'
import { campaignsOfAds } from '../../../examples/ad-events/src/ads.js'
import { adEvents, type Window } from '../../../examples/ad-events/src/app.js'
import { wordCount } from '../../../examples/word-count/src/job.js'

export const campaignOf = campaignsOfAds(5)

/** Said of a window: what `viewsOf` reads. */
const lineOf = ({ start, views }: Window): string => JSON.stringify({ start, views: [...views] })

/** The views of a window by campaign, if the line is about one. */
export function viewsOf(line: string): readonly (readonly [campaign: string, views: number])[] {
  return line.startsWith('{') ? (JSON.parse(line) as { views: [string, number][] }).views : []
}

/** The apps of the examples, unchanged. What their functions print goes to `say`. */
export async function loadTour(say: (line: string) => void) {
  // The patterns are programs: each runs in this process when it is imported. Nobody has to hear that.
  let isHeard = false
  console.log = (line: string) => isHeard && say(line)
  const patterns = {
    sequential: (await import('../../../examples/patterns/src/sequential.js')).app,
    conditional: (await import('../../../examples/patterns/src/conditional.js')).app,
    assembling: (await import('../../../examples/patterns/src/assembling.js')).app,
    dynamicParallel: (await import('../../../examples/patterns/src/dynamic-parallel.js')).app,
    batchedByCount: (await import('../../../examples/patterns/src/batched-by-count.js')).app,
    batchedByTime: (await import('../../../examples/patterns/src/batched-by-time.js')).app,
    kOutOfN: (await import('../../../examples/patterns/src/k-out-of-n.js')).app,
    mapReduce: (await import('../../../examples/patterns/src/map-reduce.js')).app,
  }
  isHeard = true
  const ads = adEvents(campaignOf, (window) => say(lineOf(window)))
  return { ...patterns, ads, wordCount: wordCount.app }
}

export type Tour = Awaited<ReturnType<typeof loadTour>>

export function appsOf(tour: Tour): readonly App[] {
  return Object.values(tour)
}
