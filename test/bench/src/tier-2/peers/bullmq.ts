import { once } from 'node:events'
import { Queue, QueueEvents } from 'bullmq'
import type { Pool } from './pool.js'
import { endProcess, startProcess } from './programs.js'
import { RedisProcess } from './redis.js'

const queueName = 'bench'
/** A finished job is of no use any more, and Redis would fill up with them. */
const jobOptions = { removeOnComplete: true, removeOnFail: true }

/** A queue in Redis, and processes that take jobs from it. */
export async function openBullMq(workers: number, scratch: string): Promise<Pool> {
  const redis = await RedisProcess.start(scratch)
  const { connection } = redis
  const children = Array.from({ length: workers }, () =>
    startProcess('bullmq-worker', [queueName, JSON.stringify(connection)]),
  )
  await Promise.all(children.map((child) => once(child, 'message')))
  const queue = new Queue<number, number, string>(queueName, { connection })
  // From the first event on: by default it begins with whatever comes after it has connected for good.
  const results = new Results(new QueueEvents(queueName, { connection, lastEventId: '0-0' }))
  await results.ready()
  const run = async (task: string, value: number): Promise<number> => {
    const job = await queue.add(task, value, jobOptions)
    return results.of(job.id)
  }
  return {
    run,
    runAll: (task, values) => {
      const added = queue.addBulk(values.map((data) => ({ name: task, data, opts: jobOptions })))
      return values.map(async (_, index) => results.of((await added)[index]?.id))
    },
    close: async () => {
      await Promise.all(children.map(endProcess))
      await results.close()
      await queue.close()
      await redis.end()
    },
  }
}

/** The results of jobs, which may be there before anybody asks for them. */
class Results {
  readonly #arrived = new Map<string, number>()
  readonly #waiting = new Map<string, (value: number) => void>()

  constructor(private readonly events: QueueEvents) {
    events.on('completed', ({ jobId, returnvalue }) => {
      const value = Number(returnvalue)
      const waiting = this.#waiting.get(jobId)
      if (waiting === undefined) this.#arrived.set(jobId, value)
      else waiting(value)
      this.#waiting.delete(jobId)
    })
  }

  ready(): Promise<unknown> {
    return this.events.waitUntilReady()
  }

  of(jobId: string | undefined): Promise<number> {
    if (jobId === undefined) throw new Error('A job without id')
    const arrived = this.#arrived.get(jobId)
    this.#arrived.delete(jobId)
    if (arrived !== undefined) return Promise.resolve(arrived)
    return new Promise((resolve) => this.#waiting.set(jobId, resolve))
  }

  close(): Promise<void> {
    return this.events.close()
  }
}
