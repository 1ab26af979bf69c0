import { NatsServer } from '@stigmergy-test/nats-server'
import { connect, start } from 'stigmergy'
import { Crowd } from './crowd.js'
import { clusterAt } from './settings.js'
import { appsOf, runtimeOf, type Tour } from './tour.js'
import type { VisitAtHome } from './visit.js'

/** Who is asked there. */
type Hosts = Pick<VisitAtHome, 'caller' | 'runtime'>

/** Opens a place where the examples run, lets it be used, and closes it. */
export type Place = (tour: Tour, use: (hosts: Hosts) => Promise<void>) => Promise<void>

/** This event loop. */
const oneWorker: Place = async (tour, use) => {
  await using runtime = await start(runtimeOf({}), appsOf(tour))
  await use({ caller: runtime, runtime })
}

/** Two processes run the functions, and share memory. */
const twoProcesses: Place = async (tour, use) => {
  const preload = [new URL('./notes.ts', import.meta.url).href]
  const definition = runtimeOf({ workers: { kind: 'process', count: 2, preload } })
  await using runtime = await start(definition, appsOf(tour))
  await use({ caller: runtime, runtime })
}

/** A coordinator and three nodes, of which this process is one, joined by a server; a client asks. */
const smallCluster: Place = async (tour, use) => {
  await using server = await NatsServer.start()
  await using crowd = new Crowd(server.url, process.env['STIGMERGY_NOTES']!, 'tour-member.ts')
  await Promise.all((['coordinator', 'node', 'node'] as const).map((role) => crowd.start(role)))
  const cluster = clusterAt(server.url)
  await using runtime = await start(runtimeOf({ cluster: { ...cluster, coordinator: false } }), appsOf(tour))
  await using client = await connect(cluster)
  await use({ caller: client, runtime })
}

export const places: Readonly<Record<string, Place>> = {
  'one worker': oneWorker,
  'two processes': twoProcesses,
  'a cluster': smallCluster,
}
