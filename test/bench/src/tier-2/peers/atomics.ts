import { once } from 'node:events'
import { type Pool, pool } from './pool.js'
import { startThread } from './programs.js'
import { type Shared, sharedWords, wait, wake } from './shared-words.js'
import { taskNames } from './tasks.js'

/** Threads that block in `Atomics.wait` until there is something to do, as does the one that waits for them. */
export async function openAtomics(): Promise<Pool> {
  const shared: Shared = sharedWords()
  const thread = startThread('atomics-worker', { workerData: shared })
  await once(thread, 'message')
  let turn = 0
  return pool(
    async (task, value) => {
      turn += 1
      shared.task[0] = taskNames.indexOf(task)
      shared.value[0] = value
      wake(shared.call, turn)
      wait(shared.answer, turn)
      return shared.value[0]
    },
    async () => void (await thread.terminate()),
  )
}
