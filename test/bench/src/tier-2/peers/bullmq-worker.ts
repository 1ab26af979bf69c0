import { type ConnectionOptions, type Job, Worker } from 'bullmq'
import { type TaskName, tasks } from './tasks.js'

const [queueName = '', connection = ''] = process.argv.slice(2)
const worker = new Worker(
  queueName,
  async ({ name, data }: Job<number, number, TaskName>) => tasks[name](data),
  { connection: JSON.parse(connection) as ConnectionOptions, concurrency: 16 },
)
worker.on('error', () => undefined) // the server is ended before this process may be
await worker.waitUntilReady()
process.on('disconnect', () => process.exit())
process.send?.('ready')
