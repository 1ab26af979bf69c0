import { join } from 'node:path'
import type { ClusterClient, Runtime, RuntimeEvent } from '@stigmergy/core'
import {
  type Account,
  bytesIn,
  type Definition,
  filesOf,
  type InputFile,
  mostChunks,
  planOf,
  type Target,
} from '@stigmergy/records'
import { type JobApp, type Reply, type Request, type Step, tasksPerWorker } from './app.js'
import { configError } from './errors.js'
import type { CheckedOptions, JobOptions } from './options.js'

/** What can run a job: a runtime, or the client of a cluster, which is not told of progress. */
export type JobHost = Pick<Runtime, 'invoke' | 'on' | 'workers'> | Pick<ClusterClient, 'invoke'>

/** What a run came to. */
export interface JobReport extends Account {
  /** What map, or `combine`, has given to each partition. */
  readonly partitions: readonly { readonly pairs: number; readonly bytes: number }[]
  /** The bytes of the largest partition over those of the mean one; 1 if all are equal. */
  readonly skew: number
}

/** A definition, and what it is to do now. */
export interface Run<Record, K, V, R> {
  readonly definition: Definition<Record, K, V, R>
  readonly options: CheckedOptions
  readonly target: Target
  /** For what does not fit into memory. */
  readonly folder: string
}

/** Runs a job in a session of its own, to its end. */
export async function replyOf<Record, K, V, R>(
  host: JobHost,
  { handles }: JobApp,
  run: Run<Record, K, V, R>,
): Promise<Reply> {
  const { signal, onProgress, input } = run.options
  const files = await filesOf(input, join(run.folder, 'input'), signal)
  const request = requestFor(run, files, 'workers' in host ? host.workers.length : 1)
  const session = host.invoke(handles.split, request, { signal })
  using _listening = 'on' in host ? host.on(progressOf(session.id, request, onProgress)) : undefined
  try {
    return await session.result
  } finally {
    await session.ended
  }
}

function requestFor<Record, K, V, R>(
  { definition, options, target, folder }: Run<Record, K, V, R>,
  files: readonly InputFile[],
  workers: number,
): Request {
  const bytes = total(files.map((file) => file.bytes))
  const leastChunk = Math.ceil(bytes / mostChunks)
  if (options.chunkBytes !== undefined && options.chunkBytes < leastChunk)
    throw configError('options.chunkBytes', `must be at least ${leastChunk} for ${bytes} bytes`)
  const tasksAtATime = tasksPerWorker * Math.max(1, workers)
  const { sizes, chunks } = planOf(definition, files, { ...options, tasksAtATime })
  return { job: { ...sizes, folder, target, skipsUnreadable: options.unreadable === 'skip' }, chunks }
}

/** Tells how far a session is by the metadata of its objects. */
function progressOf(
  session: string,
  { job, chunks }: Request,
  onProgress: JobOptions['onProgress'],
): (event: RuntimeEvent) => void {
  const total = { map: bytesIn(chunks.flat()), reduce: job.partitions }
  const done = { map: 0, reduce: 0 }
  return (event) => {
    if (event.type !== 'object-put' || event.session !== session || onProgress === undefined) return
    const { phase, by } = (event.object.meta ?? {}) as Partial<Step>
    if (phase === undefined || by === undefined) return
    done[phase] += by
    onProgress({ phase, done: done[phase], total: total[phase] })
  }
}

/** Sums up what the tasks of a run have told. */
export function reportOf({ accounts, partitions }: Reply): JobReport {
  const shares = partitions.map(({ pairs, bytes }) => ({ pairs, bytes }))
  const mean = total(shares.map(({ bytes }) => bytes)) / shares.length
  return {
    records: total(accounts.map(({ records }) => records)),
    bytes: total(accounts.map(({ bytes }) => bytes)),
    skipped: accounts.flatMap(({ skipped }) => skipped),
    partitions: shares,
    skew: mean > 0 ? shares.reduce((most, { bytes }) => Math.max(most, bytes), 0) / mean : 1,
  }
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}
