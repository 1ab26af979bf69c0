import { testClusterExchange } from '@stigmergy/conformance'
import test from 'ava'
import { memoryCluster } from '../src/index.js'

const exchange = memoryCluster()

testClusterExchange(test, {
  name: 'memory',
  exchange,
  withJournalOf: (maxJournalBytes) => memoryCluster({ maxJournalBytes }),
  outage: { begin: () => exchange.stop(), end: () => exchange.resume() },
})
