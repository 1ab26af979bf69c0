import type { Runtime, RuntimeEvent } from '@stigmergy/core'
import { bytesIn } from '@stigmergy/records'
import type { JobApp, Reply, Request } from './app.js'
import type { Step } from './job.js'
import type { CheckedOptions, JobOptions } from './options.js'

/** Runs a request in a session of its own, to its end. */
export async function replyOf(
  runtime: Runtime,
  { handles }: JobApp,
  request: Request,
  { signal, onProgress }: CheckedOptions,
): Promise<Reply> {
  const session = runtime.invoke(handles.split, request, { signal })
  using _listening = runtime.on(progressOf(session.id, request, onProgress))
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
