import { once } from 'node:events'
import { Answers, inTurn } from './answers.js'
import { type Pool, pool } from './pool.js'
import type { Answer, Call } from './post-message-worker.js'
import { endProcess, startProcess } from './programs.js'

/** Processes and the channels that Node opens to them. Its default serialization, JSON, is the faster one for small messages. */
export async function openChildIpc(workers: number): Promise<Pool> {
  const answers = new Answers()
  const children = Array.from({ length: workers }, () => startProcess('child-ipc-worker', []))
  await Promise.all(children.map((child) => once(child, 'message')))
  for (const child of children) child.on('message', ([id, value]: Answer) => answers.resolve(id, value))
  const next = inTurn(children)
  return pool(
    (task, value) => answers.expect((id) => next().send([id, task, value] satisfies Call)),
    async () => void (await Promise.all(children.map(endProcess))),
  )
}
