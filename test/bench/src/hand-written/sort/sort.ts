import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type EventListener, start } from 'stigmergy'
import { type Progress, sortApp } from './app.js'
import { planOf } from './plan.js'
import { recordsIn } from './record.js'
import { runtimeWith, type Workers } from './workers.js'

export interface SortOptions {
  readonly input: string
  /** Is overwritten. Must not be the input. */
  readonly output: string
  /** Where records stand between map and reduce: as many bytes as the input has, twice as many if nearly all keys are equal. */
  readonly temporary: string
  /** For all workers together, about. */
  readonly memoryBytes: number
  readonly workers: Workers
  /** Cancels the session. */
  readonly signal: AbortSignal
  /** Is called with a share from 0 to 1, now and then. */
  readonly onProgress: (done: number) => void
}

/** What was sorted. */
export interface Sorted {
  readonly records: number
  readonly ms: number
}

/** Sorts a file of records in a runtime of its own. */
export async function sort(options: SortOptions): Promise<Sorted> {
  const begun = performance.now()
  const { input, output, memoryBytes, workers, signal } = options
  const records = recordsIn((await stat(input)).size, input)
  await writeFile(output, '')
  await using folder = await temporaryFolder(options.temporary)
  const spill = join(folder.path, 'records')
  await writeFile(spill, '')
  const plan = planOf(records, memoryBytes, workers.count)
  await using runtime = await start(runtimeWith(workers), sortApp)
  using _listening = runtime.on(forProgress(2 * records, options.onProgress))
  const session = runtime.invoke(sortApp.handles.split, { input, output, spill, records, plan }, { signal })
  await session.result
  await session.ended
  return { records, ms: performance.now() - begun }
}

async function temporaryFolder(parent: string): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(parent, 'stigmergy-sort-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** Every record is moved twice: by map and by reduce. */
function forProgress(moves: number, onProgress: SortOptions['onProgress']): EventListener {
  const { bucket } = sortApp.handles.progress
  let done = 0
  return (event) => {
    if (event.type !== 'object-put' || event.object.bucket !== bucket) return
    done += (event.object.meta as Progress).records
    onProgress(done / moves)
  }
}
