import { MemoryObjectStore } from '@stigmergy/transport-memory'
import test from 'ava'
import { Luggage } from '../src/cluster/luggage.js'
import { CborCodec } from '../src/codec.js'
import type { StoreHandle, ValuePort } from '../src/contract/index.js'
import { packStored } from '../src/node/packing.js'

class WatchedStore extends MemoryObjectStore {
  reads = 0

  override read(handle: StoreHandle): unknown {
    this.reads += 1
    return super.read(handle)
  }
}

const codec = new CborCodec()
const estimate = 64
const inlineBytes = 8_192

test('a value that the store knows to be larger than was estimated travels by descriptor, unread', async (t) => {
  await using store = new WatchedStore()
  const handle = await store.put({ lines: ['x'.repeat(20_000)] }, 20_000)
  t.deepEqual(packStored(handle, estimate, { codec, store, inlineBytes }), [store.describe(handle)])
  t.is(store.reads, 0)
  const small = await store.put({ lines: ['x'] }, estimate)
  t.deepEqual(packStored(small, estimate, { codec, store, inlineBytes }), codec.encode({ lines: ['x'] }))
})

test('such a value is lent to other nodes, unread', async (t) => {
  await using store = new WatchedStore()
  const handle = await store.put({ lines: ['x'.repeat(20_000)] }, 20_000)
  const ticket = Uint8Array.of(1)
  const values: Pick<ValuePort, 'lend'> = { lend: () => ticket }
  const parts = {
    store,
    codec,
    values: values as ValuePort,
    inlineBytes,
    maxRecordBytes: 1e6,
    node: () => 'n',
  }
  t.deepEqual(new Luggage(parts).pack(handle, estimate), { ticket, node: 'n' })
  t.is(store.reads, 0)
})
