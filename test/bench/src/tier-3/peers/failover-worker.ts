import { defineRuntime, start } from 'stigmergy'
import { sharedNow } from '../../shared-clock.js'
import { failoverApp, failoverClusterAt } from '../apps/failover.js'

/** What a coordinator tells whoever has started it, once it has recorded a firing: when that was, in µs of the shared clock. */
export interface Fired {
  readonly firedAt: number
}

/** A node or a coordinator, until whoever has started it is gone: `failover-worker URL node|coordinator`. */
const [url, role] = process.argv.slice(2)
const cluster = {
  ...failoverClusterAt(url ?? ''),
  node: role === 'node',
  coordinator: role === 'coordinator',
}
const runtime = await start(defineRuntime({ cluster }), failoverApp)
runtime.on(({ type }) => {
  if (role === 'coordinator' && type === 'trigger-fired')
    process.send?.({ firedAt: sharedNow() } satisfies Fired)
})
process.on('disconnect', () => process.exit())
process.send?.('ready')
