import type { ClusterClient, Runtime, RuntimeEvent } from '@stigmergy/core'
import { bytesIn } from '@stigmergy/records'
import type { JobApp, Reply, Request } from './app.js'
import type { Step } from './job.js'
import type { CheckedOptions, JobOptions } from './options.js'

/** What can run a job: a runtime, or the client of a cluster, which is not told of progress. */
export type JobHost = Pick<Runtime, 'invoke' | 'on' | 'workers'> | Pick<ClusterClient, 'invoke'>

/** Runs a request in a session of its own, to its end. */
export async function replyOf(
  host: JobHost,
  { handles }: JobApp,
  request: Request,
  { signal, onProgress }: CheckedOptions,
): Promise<Reply> {
  const session = host.invoke(handles.split, request, { signal })
  using _listening = 'on' in host ? host.on(progressOf(session.id, request, onProgress)) : undefined
  try {
    return await session.result
  } finally {
    await session.ended
  }
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
