import { parentPort } from 'node:worker_threads'
import { type TaskName, tasks } from './tasks.js'

/** A number by which the answer is known, the task and its argument. */
export type Call = readonly [id: number, task: TaskName, value: number]
export type Answer = readonly [id: number, value: number]

parentPort?.on('message', ([id, task, value]: Call) => {
  parentPort?.postMessage([id, tasks[task](value)] satisfies Answer)
})
parentPort?.postMessage('ready')
