import { Worker as Thread } from 'node:worker_threads'
import type { FromWorker, StartWorker, WorkerExit } from './control.js'
import { workerFlags, workerModule } from './worker-module.js'

/** Starts workers as threads of this process. */
export function threadStarter(maxHeapMb: number | undefined): StartWorker {
  return (onMessage) => {
    const thread = new Thread(workerModule, {
      execArgv: [...workerFlags(process.execArgv)],
      ...(maxHeapMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: maxHeapMb } }),
    })
    let failure: Error | undefined
    thread.on('error', (error: Error) => (failure = error))
    thread.on('message', (message) => onMessage(message as FromWorker))
    const exited = new Promise<WorkerExit>((resolve) => {
      thread.once('exit', (code) => {
        const how = failure === undefined ? `exited with code ${code}` : `failed: ${failure.message}`
        resolve({ how, stderr: failure?.stack ?? '' })
      })
    })
    const { threadId } = thread
    return {
      name: `thread ${threadId}`,
      pid: process.pid,
      threadId,
      send: (message) => thread.postMessage(message),
      kill: () => void thread.terminate(),
      exited,
    }
  }
}
