import { nats } from '@stigmergy/transport-nats'
import { byBatchSize, type ClusterConfig, defineApp } from 'stigmergy'
import { sharedNow } from '../../shared-clock.js'

/** What a client asks for, and what a bucket-scoped trigger gathers. */
export const clusterApp = defineApp('bench', (app) => {
  const events = app.bucket<number>('events', { durability: 'journal' })
  events.when(
    byBatchSize({ count: 1_000 }),
    app.fn('batch', () => undefined),
  )
  const hop = app.fn<undefined, number>('hop', (_fired, { reply }) => reply(sharedNow()))
  return { events, hop }
})

export function clusterAt(url: string): ClusterConfig {
  return { exchange: nats({ servers: url }) }
}
