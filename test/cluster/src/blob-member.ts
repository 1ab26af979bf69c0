import { defineRuntime, type NodePlacement, provide, start, Tokens } from 'stigmergy'
import blobs from './blobs.js'
import { clusterAt } from './settings.js'

/** Pairs are read on the one node, and made on the other, so that values have to travel. */
const apart: NodePlacement = {
  choose: (nodes, { fn }) => {
    const ids = nodes.map(({ id }) => id)
    const chosen = ids.toSorted().at(fn === 'pair' ? -1 : 0)!
    return ids.indexOf(chosen)
  },
}

/** One member that runs `blobs`, until it is told to end: `blob-member.ts URL`. */
const [url] = process.argv.slice(2)
const definition = defineRuntime({
  cluster: clusterAt(url!),
  provide: [provide(Tokens.NodePlacement, apart)],
})
const runtime = await start(definition, blobs)
process.send?.('ready')
process.once('SIGTERM', () => void runtime.close().then(() => process.exit()))
