import { Tinypool } from 'tinypool'
import { type Pool, pool } from './pool.js'
import { programOf } from './programs.js'

/** Tinypool, on threads or on processes. Only threads can have several tasks on their way. */
export async function openTinypool(
  runtime: 'worker_threads' | 'child_process',
  workers: number,
): Promise<Pool> {
  const workersOf = new Tinypool({
    runtime,
    filename: programOf('pool-worker').href,
    minThreads: workers,
    maxThreads: workers,
    concurrentTasksPerWorker: runtime === 'worker_threads' ? 16 : 1,
  })
  return pool(
    (task, value) => workersOf.run({ task, value }) as Promise<number>,
    () => workersOf.destroy(),
  )
}
