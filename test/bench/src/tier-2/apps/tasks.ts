import { defineApp, immediate } from 'stigmergy'

/** A function at home starts as many runs of one that does nothing as it is told to. */
export const tasksApp = defineApp('tasks', (app) => {
  const tasks = app.bucket<number>('tasks')
  const produce = app.fn<number>(
    'produce',
    async ({ value: count }, { put }) => {
      for (let task = 0; task < count; task += 1) await put(tasks, undefined, task)
    },
    { runOn: 'home' },
  )
  const nothing = app.fn<number>('nothing', () => undefined)
  tasks.when(immediate(), nothing)
  return { produce }
})
