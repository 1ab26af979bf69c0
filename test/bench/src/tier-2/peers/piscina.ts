import { FixedQueue, Piscina } from 'piscina'
import { type Pool, pool } from './pool.js'
import { programOf } from './programs.js'

/** Piscina with what makes it fast for small tasks: its fixed queue, no histograms, several tasks on the way to each thread. */
export async function openPiscina(workers: number): Promise<Pool> {
  const threads = new Piscina({
    filename: programOf('pool-worker').href,
    minThreads: workers,
    maxThreads: workers,
    concurrentTasksPerWorker: 16,
    taskQueue: new FixedQueue(),
    recordTiming: false,
  })
  return pool(
    (task, value) => threads.run({ task, value }) as Promise<number>,
    () => threads.destroy(),
  )
}
