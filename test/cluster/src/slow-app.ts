import { appendFileSync, existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { byBatchSize, defineApp } from 'stigmergy'

/** An app whose function notes that it runs in a file, and goes on once there is another one beside it, called `go`. */
export default defineApp('slow', (app) => {
  const events = app.bucket<number>('events')
  const wait = app.fn<string, string>('wait', async ({ value: file }, { reply, signal }) => {
    appendFileSync(file, 'begun\n')
    while (!existsSync(`${file}.go`)) await sleep(10, undefined, { signal })
    reply('done')
  })
  events.when(
    byBatchSize({ count: 3 }),
    app.fn('count', () => undefined),
  )
  return { wait, events }
})
