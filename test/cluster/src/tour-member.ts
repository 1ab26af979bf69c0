import { start } from 'stigmergy'
import { clusterAt } from './settings.js'
import { appsOf, loadTour, runtimeOf } from './tour.js'

/** One member that runs the examples, until it is told to end: `tour-member.ts URL node|coordinator`. */
const [url, role] = process.argv.slice(2)
const tour = await loadTour()
const roles = role === 'coordinator' ? { node: false } : { coordinator: false }
const definition = runtimeOf({ cluster: { ...clusterAt(url!), name: role!, ...roles } })
const runtime = await start(definition, appsOf(tour))
process.send?.('ready')
process.once('SIGTERM', () => void runtime.close().then(() => process.exit()))
