import type { Answer, Call } from './post-message-worker.js'
import { tasks } from './tasks.js'

process.on('message', ([id, task, value]: Call) => {
  process.send?.([id, tasks[task](value)] satisfies Answer)
})
process.on('disconnect', () => process.exit())
process.send?.('ready')
