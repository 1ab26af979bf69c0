import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { FromWorker, StartedWorker, StartWorker, WorkerExit } from './control.js'
import { workerFlags, workerModule } from './worker-module.js'
import type { WorkersConfig } from './workers-config.js'

/** How much of what a worker printed last is kept for its error. */
const keptChars = 4_096

/** Starts workers as child processes. */
export function processStarter({ maxHeapMb, preload = [] }: WorkersConfig): StartWorker {
  const heap = maxHeapMb === undefined ? [] : [`--max-old-space-size=${maxHeapMb}`]
  const imports = preload.map((module) => `--import=${module}`)
  return (onMessage) => {
    const child = fork(fileURLToPath(workerModule()), [], {
      execArgv: [...workerFlags(process.execArgv), ...imports, ...heap],
      serialization: 'json',
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    })
    const { stderr } = child
    let printed = ''
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-keptChars)
      process.stderr.write(text)
    })
    child.on('message', (message) => onMessage(message as FromWorker))
    const exited = new Promise<WorkerExit>((resolve) => {
      child.once('error', (error) => resolve({ how: error.message, stderr: printed }))
      child.once('close', (code, signal) => {
        const how = signal === null ? `exited with code ${code}` : `was ended by ${signal}`
        resolve({ how, stderr: printed })
      })
    })
    const worker: StartedWorker = {
      name: `process ${child.pid ?? '(not started)'}`,
      pid: child.pid ?? 0,
      threadId: undefined,
      send: (message) => void (child.connected && child.send(message, () => undefined)),
      kill: () => void child.kill('SIGKILL'),
      exited,
    }
    return worker
  }
}
