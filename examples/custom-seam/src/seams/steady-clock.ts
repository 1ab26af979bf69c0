// Tokens.SteadyClock: time for leases and time limits in a cluster. Here an hour passes on the watch of one member only, so it takes the other for dead.
import { memoryCluster } from '@stigmergy/transport-memory'
import { defineRuntime, provide, start, Tokens } from 'stigmergy'
import { clinic } from '../clinic.js'
import { Calendar } from './clock.js'

const hour = 3_600_000

export async function show(): Promise<string> {
  const exchange = memoryCluster()
  const watch = new Calendar()
  await using main = await start(defineRuntime({ cluster: { exchange } }), clinic)
  const hasty = defineRuntime({ cluster: { exchange }, provide: [provide(Tokens.SteadyClock, watch)] })
  await using _hasty = await start(hasty, clinic)
  const events = main.events()
  watch.skipTo(hour)
  for await (const event of events) if (event.type === 'cluster-lease-lost') return `main: ${event.type}`
  return 'nobody noticed'
}
