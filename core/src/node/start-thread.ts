import { Worker as Thread } from 'node:worker_threads'
import type { FromWorker, StartWorker, WorkerExit } from './control.js'
import { workerModule } from './worker-module.js'
import type { WorkersConfig } from './workers-config.js'

/** Starts workers as threads of this process. */
export function threadStarter({ maxHeapMb, preload = [] }: WorkersConfig): StartWorker {
  return (onMessage) => {
    const thread = new Thread(importing([...preload, workerModule().href]), {
      eval: true,
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

/** A program that imports modules one after the other, because the first may be what loads the others. */
function importing(modules: readonly string[]): string {
  return modules.reduceRight(
    (rest, module) => `import(${JSON.stringify(module)}).then(() => ${rest})`,
    'undefined',
  )
}
