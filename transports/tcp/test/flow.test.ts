import { MemoryObjectStore } from '@stigmergy/transport-memory'
import test from 'ava'
import { tcp } from '../src/index.js'
import { codeOf, holds, lend, node, patterned, secret, until, wiredNode } from './support/ports.js'
import type { Tamper, Wire } from './support/wire.js'

/** Whoever lends hears nothing any more, once something has come. */
function deaf(wire: Wire): Tamper {
  return (bytes, from) => (from === 'dialer' && wire.bytes > 2 ** 16 ? Buffer.alloc(0) : bytes)
}

test('a borrower that reads slowly is sent no more than it has granted', async (t) => {
  const windowBytes = 2 ** 18
  const lender = await wiredNode(t, { chunkBytes: 2 ** 16 })
  const borrower = await node(t, { limits: { windowBytes } })
  const value = patterned(2 ** 23)
  lender.wire.tamper = deaf(lender.wire)
  const controller = new AbortController()
  const fetched = borrower.port.fetch(await lend(lender, value), controller.signal)
  await lender.wire.moves(windowBytes)
  // Asks again for nothing: what was granted is all that comes.
  for (let turns = 0; turns < 200; turns += 1) await new Promise((resolve) => setImmediate(resolve))
  t.true(lender.wire.bytes < 1.5 * windowBytes, `${lender.wire.bytes} bytes have come`)
  controller.abort(new Error('enough'))
  await t.throwsAsync(fetched, { message: 'enough' })
})

test('a small value does not wait for a large one', async (t) => {
  const lender = await wiredNode(t)
  const borrower = await node(t)
  const [large, small] = [patterned(2 ** 26), patterned(100)]
  const arrived: string[] = []
  const first = borrower.port.fetch(await lend(lender, large)).then((handle) => {
    arrived.push('large')
    return handle
  })
  await lender.wire.moves(2 ** 20)
  const second = await borrower.port.fetch(await lend(lender, small))
  arrived.push('small')
  t.true(holds(borrower, second, small))
  t.true(holds(borrower, await first, large))
  t.deepEqual(arrived, ['small', 'large'])
})

test('all values of two nodes share one connection, also when both call at one moment', async (t) => {
  const [one, other] = [await wiredNode(t), await wiredNode(t)]
  const value = patterned(1_000)
  for (let round = 0; round < 10; round += 1) {
    const [here, there] = [await lend(one, value), await lend(other, value)]
    const fetches = Array.from({ length: 10 }, () => [one.port.fetch(there), other.port.fetch(here)]).flat()
    for (const [at, handle] of (await Promise.all(fetches)).entries())
      t.true(holds(at % 2 === 0 ? one : other, handle, value))
    t.deepEqual([one.port.connections.peers, other.port.connections.peers], [1, 1])
    one.wire.cut()
    other.wire.cut()
    await until(() => one.port.connections.peers + other.port.connections.peers === 0)
  }
})

test('hundreds of values come in turns', async (t) => {
  const lender = await node(t)
  const borrower = await node(t)
  const value = patterned(30_000)
  const tickets = await Promise.all(Array.from({ length: 500 }, () => lend(lender, value)))
  const handles = await Promise.all(tickets.map((ticket) => borrower.port.fetch(ticket)))
  t.true(handles.every((handle) => holds(borrower, handle, value)))
  t.is(borrower.port.connections.peers, 1)
})

test('values that arrive outside of the store wait for their turn', async (t) => {
  const lender = await wiredNode(t, { chunkBytes: 2 ** 16 })
  const borrower = await node(t, { limits: { arrivingBytes: 2 ** 20, windowBytes: 2 ** 17 } })
  const value = patterned(700_000)
  const tickets = await Promise.all(Array.from({ length: 6 }, () => lend(lender, value)))
  lender.wire.tamper = deaf(lender.wire)
  const fetches = tickets.map((ticket) => borrower.port.fetch(ticket))
  await lender.wire.moves(2 ** 17)
  t.is(lender.port.usage.sending, 1)
  lender.wire.tamper = (bytes) => bytes
  lender.wire.cut()
  for (const fetch of fetches) t.true(holds(borrower, await fetch, value))
})

test('what is lent, and what is fetched, has a limit', async (t) => {
  const lender = await node(t, { limits: { lent: 2 } })
  const tickets = [await lend(lender, patterned(10)), await lend(lender, patterned(10))]
  await t.throwsAsync(lend(lender, patterned(10)), { message: /limits\.lent/ })
  const borrower = await node(t, { limits: { receiving: 1 } })
  const first = borrower.port.fetch(tickets[0]!)
  t.is(await codeOf(borrower.port.fetch(tickets[1]!)), 'STG_STORE_FULL')
  t.true(holds(borrower, await first, patterned(10)))
})

test('encoded values that are not kept are encoded again', async (t) => {
  const lender = await node(t, { limits: { encodedBytes: 0 } })
  const borrower = await node(t)
  const value = { text: 'x'.repeat(1_000) }
  const ticket = lender.port.lend(await lender.store.put(value, 1_000))
  const handle = await borrower.port.fetch(ticket)
  t.deepEqual(borrower.store.read(handle), value)
  value.text = 'y'
  t.is(await codeOf(borrower.port.fetch(ticket)), 'STG_OBJECT_LOST')
})

test('a port that is in use is said to be', async (t) => {
  const { port } = await node(t)
  const taken = Number(port.listening.split(':').at(-1))
  const opening = tcp({ port: taken }).open({ store: new MemoryObjectStore(), secret })
  await t.throwsAsync(opening, { code: 'STG_CLUSTER_UNAVAILABLE', message: new RegExp(`port ${taken}`) })
})
