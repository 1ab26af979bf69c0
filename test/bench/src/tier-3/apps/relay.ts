import { nats } from '@stigmergy/transport-nats'
import { type ClusterConfig, defineApp, immediate } from 'stigmergy'
import { sharedNow } from '../../shared-clock.js'

/** What the function at the end of a hop tells: where it ran, and what its first line found. */
export interface Arrived {
  readonly by: number
  readonly us: number
}

/**
 * A function that puts an object, and one that the object triggers. The first one keeps its slot until `hasArrived` resolves, so that where
 * there is only one the second runs on another node.
 */
export function relayApp(hasArrived: () => Promise<void>) {
  return defineApp('relay', (app) => {
    const objects = app.bucket<number>('objects')
    const send = app.fn<undefined, Arrived>('send', async (_fired, { put }) => {
      void put(objects, undefined, sharedNow())
      await hasArrived()
    })
    const arrive = app.fn<number, Arrived>('arrive', ({ objects: [sent] }, { reply }) => {
      const now = sharedNow()
      reply({ by: process.pid, us: now - sent!.value })
    })
    objects.when(immediate(), arrive)
    return { send }
  })
}

/** Firings that find no room go to another node at once. */
export function relayClusterAt(url: string): ClusterConfig {
  return { exchange: nats({ servers: url }), handOverMs: 0 }
}
