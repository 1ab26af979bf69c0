import type { Progress } from '@stigmergy/mapreduce'
import { defineRuntime, start } from 'stigmergy'
import { sortJob } from './job.js'

/** What runs the tasks; a single worker is the thread that starts it. */
export interface Workers {
  readonly kind: 'thread' | 'process'
  readonly count: number
}

export interface SortOptions {
  readonly input: string
  /** Is overwritten when the records are sorted. */
  readonly output: string
  /** Where records stand between map and reduce: as many bytes as the input has, twice as many if nearly all keys are equal. */
  readonly temporary: string
  /** For all workers together, about. */
  readonly memoryBytes: number
  readonly workers: Workers
  /** Cancels the sort. */
  readonly signal: AbortSignal
  /** Is called with a share from 0 to 1, now and then. */
  readonly onProgress: (done: number) => void
}

/** What was sorted. */
export interface Sorted {
  readonly records: number
  readonly ms: number
}

/** What a worker needs to run at all, and so does the thread that starts others. */
const idleBytes = 60e6

/** Sorts a file of records in a runtime of its own. */
export async function sort(options: SortOptions): Promise<Sorted> {
  const begun = performance.now()
  const { input, output, temporary, workers, signal, onProgress } = options
  await using runtime = await start(defineRuntime(workers.count > 1 ? { workers } : {}), sortJob.app)
  const { records } = await sortJob.run(runtime, {
    ...{ input: [input], temporary, signal },
    output: { file: output },
    memoryBytes: memoryFor(options),
    onProgress: (progress) => onProgress(shareOf(progress)),
  })
  return { records, ms: performance.now() - begun }
}

/** What is left for records; if that is hardly anything, a quarter more. */
function memoryFor({ memoryBytes, workers: { count } }: SortOptions): number {
  const idle = idleBytes * (count === 1 ? 1 : count + 1)
  return Math.ceil(Math.max(memoryBytes / 4, memoryBytes - idle))
}

/** Every record is moved twice. */
function shareOf({ phase, done, total }: Progress): number {
  return (done / total + (phase === 'reduce' ? 1 : 0)) / 2
}
