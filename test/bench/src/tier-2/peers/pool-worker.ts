import { type TaskName, tasks } from './tasks.js'

/** What piscina and tinypool call for each task. */
export default function run({ task, value }: { readonly task: TaskName; readonly value: number }): number {
  return tasks[task](value)
}
