import { testObjectStore } from '@stigmergy/conformance'
import test from 'ava'
import { storeWorld } from './fixtures/store-world.js'

for (const windows of [1, 2, 3])
  testObjectStore(test, {
    name: `mmap, ${windows} of a thread`,
    windows,
    create: (limits) => storeWorld(windows, limits),
  })
