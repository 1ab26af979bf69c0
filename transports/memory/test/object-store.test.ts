import { testObjectStore } from '@stigmergy/conformance'
import test from 'ava'
import { MemoryObjectStore } from '../src/index.js'

testObjectStore(test, {
  name: 'memory',
  create: async (limits) => ({ windows: [new MemoryObjectStore(limits)] }),
})
