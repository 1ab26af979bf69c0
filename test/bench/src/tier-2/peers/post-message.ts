import { once } from 'node:events'
import { Answers, inTurn } from './answers.js'
import { type Pool, pool } from './pool.js'
import type { Answer, Call } from './post-message-worker.js'
import { startThread } from './programs.js'

/** Threads and messages, written by hand. */
export async function openPostMessage(workers: number): Promise<Pool> {
  const answers = new Answers()
  const threads = Array.from({ length: workers }, () => startThread('post-message-worker'))
  await Promise.all(threads.map((thread) => once(thread, 'message')))
  for (const thread of threads)
    thread.on('message', ([id, value]: Answer) => {
      answers.resolve(id, value)
    })
  const next = inTurn(threads)
  return pool(
    (task, value) => answers.expect((id) => next().postMessage([id, task, value] satisfies Call)),
    async () => void (await Promise.all(threads.map((thread) => thread.terminate()))),
  )
}
