import { testValueExchange, type ValueExchangeSubject } from '@stigmergy/conformance'
import type { ObjectStore } from '@stigmergy/core'
import { MemoryObjectStore } from '@stigmergy/transport-memory'
import test from 'ava'
import { storeWorld } from '../../mmap/test/fixtures/store-world.js'
import { tcp } from '../src/index.js'
import { WiredExchange } from './support/wire.js'

const options = { timeouts: { giveUpMs: 2_000 } }

testValueExchange(test, {
  name: 'tcp, stores in memory',
  create: async () => ({
    exchange: tcp(options),
    store: async (limits) => new MemoryObjectStore(limits),
  }),
})

testValueExchange(test, {
  name: 'tcp, by wires that break',
  cuts: true,
  create: async () => {
    const exchange = new WiredExchange({ ...options, chunkBytes: 2 ** 16 })
    return {
      exchange,
      store: async (limits) => new MemoryObjectStore(limits),
      cut: () => exchange.cut(),
      dispose: () => exchange.close(),
    }
  },
})

testValueExchange(test, { name: 'tcp, mapped stores', create: mappedWorld })

async function mappedWorld(): ReturnType<ValueExchangeSubject['create']> {
  const disposals: (() => Promise<void>)[] = []
  return {
    exchange: tcp(options),
    store: async (limits): Promise<ObjectStore> => {
      const { windows, dispose } = await storeWorld(1, limits)
      disposals.push(dispose)
      return windows[0]
    },
    dispose: async () => {
      for (const dispose of disposals) await dispose()
    },
  }
}
