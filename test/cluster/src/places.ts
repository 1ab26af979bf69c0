import { NatsServer } from '@stigmergy-test/nats-server'
import { type ClusterClient, connect, type Runtime, start } from 'stigmergy'
import { Crowd } from './crowd.js'
import { clusterAt } from './settings.js'
import { appsOf, runtimeOf, type Tour } from './tour.js'

/** Where the examples run. */
export interface Place {
  readonly tour: Tour
  /** Whoever asks for sessions, and puts what belongs to none. */
  readonly caller: Pick<ClusterClient, 'invoke' | 'put'>
  /** The runtime, or that of one of the nodes: the home of sessions that begin with a put. */
  readonly runtime: Runtime
}

/** Opens a place, lets it be used, and closes it. */
export type WithPlace = (tour: Tour, use: (place: Place) => Promise<void>) => Promise<void>

/** This event loop. */
export const oneWorker: WithPlace = async (tour, use) => {
  await using runtime = await start(runtimeOf({}), appsOf(tour))
  await use({ tour, caller: runtime, runtime })
}

/** Two processes run the functions, and share memory. */
export const twoProcesses: WithPlace = async (tour, use) => {
  const preload = [new URL('./noting-console.ts', import.meta.url).href]
  const definition = runtimeOf({ workers: { kind: 'process', count: 2, preload } })
  await using runtime = await start(definition, appsOf(tour))
  await use({ tour, caller: runtime, runtime })
}

/** A coordinator and three nodes, of which this process is one, joined by a server; a client asks. */
export const smallCluster: WithPlace = async (tour, use) => {
  await using server = await NatsServer.start()
  await using crowd = new Crowd(server.url, process.env['STIGMERGY_NOTES']!, 'tour-member.ts')
  await Promise.all((['coordinator', 'node', 'node'] as const).map((role) => crowd.start(role)))
  const cluster = clusterAt(server.url)
  await using runtime = await start(runtimeOf({ cluster: { ...cluster, coordinator: false } }), appsOf(tour))
  await using client = await connect(cluster)
  await use({ tour, caller: client, runtime })
}
