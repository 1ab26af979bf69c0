import { defineRuntime, start } from 'stigmergy'
import orders from './app.js'
import { clusterAt } from './settings.js'

/** One member, until it is told to end: `member.ts URL node|coordinator`. */
const [url, role] = process.argv.slice(2)
const roles = role === 'coordinator' ? { node: false } : { coordinator: false }
const runtime = await start(defineRuntime({ cluster: { ...clusterAt(url!), name: role!, ...roles } }), orders)
process.send?.('ready')
process.once('SIGTERM', () => void runtime.close().then(() => process.exit()))
