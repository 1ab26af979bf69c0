import test from 'ava'
import { storeWorld } from '../../mmap/test/fixtures/store-world.js'
import { tcp } from '../src/index.js'
import { holds, lend, node, patterned, secret, until, wiredNode } from './support/ports.js'

test('what arrives is written into the mapped file, and copied no further', async (t) => {
  const { windows, dispose } = await storeWorld(1)
  const [store] = windows
  const allocated: Uint8Array[] = []
  const allocate = store.allocate.bind(store)
  store.allocate = (bytes) => {
    const array = allocate(bytes) as Uint8Array
    allocated.push(array)
    return array
  }
  const lender = await node(t)
  const port = await tcp().open({ store, secret })
  t.teardown(async () => {
    await port.close()
    await store.close()
    await dispose()
  })
  const handle = await port.fetch(await lend(lender, patterned(2 ** 20)))
  const [array] = allocated
  t.is(allocated.length, 1)
  t.true((store.read(handle) as Uint8Array).buffer === array?.buffer)
  t.true(holds({ store }, handle, patterned(2 ** 20)))
})

test('mapped room of a fetch that was aborted can be used again', async (t) => {
  const bytes = 2 ** 22
  const { windows, dispose } = await storeWorld(1, { limitBytes: 2 ** 23 })
  const [store] = windows
  const lender = await wiredNode(t)
  const port = await tcp().open({ store, secret })
  t.teardown(async () => {
    await port.close()
    await store.close()
    await dispose()
  })
  const ticket = await lend(lender, patterned(bytes))
  for (let round = 0; round < 5; round += 1) {
    const controller = new AbortController()
    const fetched = port.fetch(ticket, controller.signal)
    await lender.wire.moves(2 ** 19)
    controller.abort(new Error('not wanted'))
    await t.throwsAsync(fetched, { message: 'not wanted' })
  }
  await until(() => store.usage.bytes === 0)
  t.true(holds({ store }, await port.fetch(ticket), patterned(bytes)))
})
