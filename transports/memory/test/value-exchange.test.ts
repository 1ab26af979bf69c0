import { testValueExchange } from '@stigmergy/conformance'
import test from 'ava'
import { MemoryObjectStore, MemoryValueExchange } from '../src/index.js'

testValueExchange(test, {
  name: 'memory',
  create: async () => ({
    exchange: new MemoryValueExchange(),
    store: async (limits) => new MemoryObjectStore(limits),
  }),
})
