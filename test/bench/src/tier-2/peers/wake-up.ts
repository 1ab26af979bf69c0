import { once } from 'node:events'
import { join } from 'node:path'
import { Fifo, makeFifo } from './fifo.js'
import { type Pool, pool } from './pool.js'
import { endProcess, startProcess, startThread } from './programs.js'

/** Nothing else than waking the event loop of a thread or a process; it can only tell how long that took. */
export async function openWakeUp(kind: 'thread' | 'process', scratch: string): Promise<Pool> {
  const paths = ['call', 'answer'].map((name) => join(scratch, `${name}-${process.pid}`))
  for (const path of paths) makeFifo(path)
  const [call = '', answer = ''] = paths
  const worker = await startWorker(kind, paths)
  let arrived: (value: number) => void = () => undefined
  const calls = new Fifo(call)
  const answers = new Fifo(answer, (read) => arrived(read()))
  return pool(
    (task, value) => {
      if (task !== 'arrive') throw new Error('A bare wake-up does no tasks')
      return new Promise((resolve) => {
        arrived = resolve
        calls.send(value)
      })
    },
    async () => {
      await worker.end()
      calls.close()
      answers.close()
    },
  )
}

async function startWorker(
  kind: 'thread' | 'process',
  paths: readonly string[],
): Promise<{ readonly end: () => Promise<unknown> }> {
  if (kind === 'thread') {
    const thread = startThread('wake-up-worker', { argv: [...paths] })
    await once(thread, 'message')
    return { end: () => thread.terminate() }
  }
  const child = startProcess('wake-up-worker', paths)
  await once(child, 'message')
  return { end: () => endProcess(child) }
}
