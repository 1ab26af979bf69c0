import { MessageChannel } from 'node:worker_threads'
import Comlink from 'comlink'
import { inTurn } from './answers.js'
import { type Pool, pool } from './pool.js'
import { startThread } from './programs.js'
import type { tasks } from './tasks.js'

/** Comlink over a channel to each thread, whose objects look as if they were here. */
export async function openComlink(workers: number): Promise<Pool> {
  const opened = Array.from({ length: workers }, () => {
    const { port1, port2 } = new MessageChannel()
    const thread = startThread('comlink-worker', { workerData: port2, transferList: [port2] })
    return { thread, remote: Comlink.wrap<typeof tasks>(port1) }
  })
  await Promise.all(opened.map(({ remote }) => remote.nothing(0)))
  const next = inTurn(opened)
  return pool(
    (task, value) => next().remote[task](value),
    async () => void (await Promise.all(opened.map(({ thread }) => thread.terminate()))),
  )
}
