import { defineRuntime } from 'stigmergy'
import { clusterOf } from './src/cluster.js'

export default defineRuntime({ cluster: clusterOf(process.env) })
export { orders } from './src/orders.js'
