import { type ClusterClient, connect, defineRuntime, start } from 'stigmergy'
import { clusterOf } from './cluster.js'
import { orders, parcelSize } from './orders.js'

/** Places orders: with the cluster at `NATS_URL`, or with a runtime in this process where that is not set. */
const caller: Pick<ClusterClient, 'invoke' | 'close'> =
  process.env['NATS_URL'] === undefined
    ? await start(defineRuntime(), orders)
    : await connect(clusterOf(process.env))
try {
  const pieces = Array.from({ length: parcelSize }, (_, at) => at + 1)
  const sessions = pieces.map((count) => caller.invoke(orders.handles.place, count))
  for (const [at, { result }] of sessions.entries()) console.log(`${pieces[at]} pieces cost ${await result}`)
} finally {
  await caller.close()
}
