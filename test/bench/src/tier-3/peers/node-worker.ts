import { defineRuntime, start } from 'stigmergy'
import { clusterApp, clusterAt } from '../apps/cluster.js'

/** A node of a cluster, which coordinates it as well, until whoever has started it is gone. */
const [url] = process.argv.slice(2)
await start(defineRuntime({ cluster: clusterAt(url ?? '') }), clusterApp)
process.on('disconnect', () => process.exit())
process.send?.('ready')
