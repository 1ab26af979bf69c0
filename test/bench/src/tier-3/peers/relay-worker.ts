import { defineRuntime, start } from 'stigmergy'
import { relayApp, relayClusterAt } from '../apps/relay.js'

/** A node of a cluster, which does not coordinate it, until whoever has started it is gone. */
const [url] = process.argv.slice(2)
const cluster = { ...relayClusterAt(url ?? ''), coordinator: false }
await start(
  defineRuntime({ cluster }),
  relayApp(() => Promise.resolve()),
)
process.on('disconnect', () => process.exit())
process.send?.('ready')
