import { nats } from '@stigmergy/transport-nats'
import { byBatchSize, type ClusterConfig, defineApp } from 'stigmergy'

/** Objects of a firing. */
export const batchSize = 2
/** The default is 3,000, which would only make the run longer. */
export const leaseMs = 1_000

/** What a node tells whoever has started it of each run: the firing, and the keys of its objects. */
export interface Ran {
  readonly ran: string
  readonly keys: readonly string[]
}

/** Batches across sessions, by a trigger that survives its coordinator. */
export const failoverApp = defineApp('failover', (app) => {
  const events = app.bucket<number>('events', { durability: 'journal' })
  const batch = app.fn<number>('batch', ({ id, objects }) => {
    process.send?.({ ran: id, keys: objects.map(({ key }) => key) } satisfies Ran)
  })
  events.when(byBatchSize({ count: batchSize }), batch)
  return { events }
})

export function failoverClusterAt(url: string): ClusterConfig {
  return { exchange: nats({ servers: url }), leaseMs }
}
