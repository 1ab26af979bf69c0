import { defineRuntime } from 'stigmergy'
import { clusterAt } from './settings.js'

/** The config of members that the command starts; the server is told by the environment. */
export default defineRuntime({ cluster: clusterAt(process.env['STIGMERGY_SERVER'] ?? '') })
export { default as slow } from './slow-app.js'
