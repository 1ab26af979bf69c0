import { composites } from '@stigmergy/composites'
import { CountOrTime } from '@stigmergy/count-or-time'
import type { App, RuntimeConfig, RuntimeDefinition } from 'stigmergy'
import { Debounce } from '../../../examples/custom-primitive/src/index.js'
import { clinic } from '../../../examples/custom-seam/src/clinic.js'
import { urgentFirst } from '../../../examples/custom-seam/src/runtimes.js'
import { invertedIndex } from '../../../examples/inverted-index/src/job.js'
import { orders } from '../../../examples/kubernetes/src/orders.js'
import { sortJob } from '../../../examples/sort/src/job.js'
import { wordCount } from '../../../examples/word-count/src/job.js'
import { ads, replicas } from './made-apps.js'
import { note } from './notes.js'

/** The views of a window by campaign, if the line is about one. */
export function viewsOf(line: string): readonly (readonly [campaign: string, views: number])[] {
  return line.startsWith('{') ? (JSON.parse(line) as { views: [string, number][] }).views : []
}

/** The apps of the examples, unchanged. What their functions print becomes a note. */
export async function loadTour() {
  // Some are programs: each runs in this process when it is imported. Nobody has to hear that.
  console.log = () => undefined
  const programs = {
    sequential: (await import('../../../examples/patterns/src/sequential.js')).app,
    conditional: (await import('../../../examples/patterns/src/conditional.js')).app,
    assembling: (await import('../../../examples/patterns/src/assembling.js')).app,
    dynamicParallel: (await import('../../../examples/patterns/src/dynamic-parallel.js')).app,
    batchedByCount: (await import('../../../examples/patterns/src/batched-by-count.js')).app,
    batchedByTime: (await import('../../../examples/patterns/src/batched-by-time.js')).app,
    batchedByCountOrTime: (await import('../../../examples/patterns/src/batched-by-count-or-time.js')).app,
    kOutOfN: (await import('../../../examples/patterns/src/k-out-of-n.js')).app,
    mapReduce: (await import('../../../examples/patterns/src/map-reduce.js')).app,
    composed: (await import('../../../examples/patterns/src/composed.js')).app,
    search: (await import('../../../examples/custom-primitive/src/main.js')).search,
  }
  console.log = note
  const jobs = { wordCount: wordCount.app, sort: sortJob.app, invertedIndex: invertedIndex.app }
  return { ...programs, ...jobs, ads, replicas, clinic, orders }
}

export type Tour = Awaited<ReturnType<typeof loadTour>>

export function appsOf(tour: Tour): readonly App[] {
  return Object.values(tour)
}

/** A runtime that has the primitives of the examples, and the run queue of one of them. */
export function runtimeOf(config: Pick<RuntimeConfig, 'workers' | 'cluster'>): RuntimeDefinition {
  return urgentFirst.with(({ limits: _one, ...others }) => ({
    ...others,
    ...config,
    primitives: [...(others.primitives ?? []), CountOrTime, Debounce, ...composites],
  }))
}
