import { parentPort, workerData } from 'node:worker_threads'
import { type Shared, wait, wake } from './shared-words.js'
import { taskNames, tasks } from './tasks.js'

const { call, answer, task, value } = workerData as Shared
parentPort?.postMessage('ready')
for (let turn = 1; ; turn += 1) {
  wait(call, turn)
  value[0] = tasks[taskNames[task[0]!]!](value[0]!)
  wake(answer, turn)
}
