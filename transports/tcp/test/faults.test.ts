import { ManualClock } from '@stigmergy/conformance'
import test from 'ava'
import { codeOf, holds, lend, node, patterned, until, wiredNode } from './support/ports.js'

const chunkBytes = 2 ** 12

test('a connection may be cut behind any byte, and the value arrives whole', async (t) => {
  const value = patterned(3 * chunkBytes + 5)
  const lender = await wiredNode(t, { chunkBytes })
  const ticket = await lend(lender, value)
  const borrower = await node(t, { chunkBytes })
  const places = Array.from({ length: 120 }, (_, at) => at * 107)
  for (const place of places) {
    let isCut = false
    lender.wire.tamper = (bytes, from, before) => {
      if (isCut || from !== 'lender' || before + bytes.length < place) return bytes
      isCut = true
      return 'cut'
    }
    t.true(holds(borrower, await borrower.port.fetch(ticket), value), `cut behind ${place}`)
    lender.wire.cut()
    await until(() => lender.port.connections.peers === 0)
  }
  t.is(borrower.store.usage.objects, 0)
})

test('what was there before a connection broke does not travel again', async (t) => {
  const bytes = 2 ** 22
  const lender = await wiredNode(t, { chunkBytes: 2 ** 16 })
  const borrower = await node(t)
  const fetched = borrower.port.fetch(await lend(lender, patterned(bytes)))
  await lender.wire.moves(bytes / 2)
  lender.wire.cut()
  t.true(holds(borrower, await fetched, patterned(bytes)))
  t.true(lender.wire.calls > 1)
  t.true(lender.wire.bytes < 1.9 * bytes, `${lender.wire.bytes} bytes have travelled`)
})

test('a value that was changed on the way is fetched again from there, once', async (t) => {
  const value = patterned(10 * chunkBytes)
  const lender = await wiredNode(t, { chunkBytes })
  const ticket = await lend(lender, value)
  const borrower = await node(t, { chunkBytes })
  let isChanged = false
  lender.wire.tamper = (bytes, from, before) => {
    const at = 5 * chunkBytes - before
    if (isChanged || from !== 'lender' || at < 0 || at >= bytes.length) return bytes
    isChanged = true
    return bytes.map((byte, place) => (place === at ? byte ^ 1 : byte)) as Buffer
  }
  t.true(holds(borrower, await borrower.port.fetch(ticket), value))
  t.true(isChanged)
})

test('a value that does not arrive as it was sent is lost, and says so', async (t) => {
  const lender = await node(t)
  const value = patterned(1_000_000)
  const ticket = await lend(lender, value)
  const borrower = await node(t)
  t.true(holds(borrower, await borrower.port.fetch(ticket), value))
  value[7]! ^= 1 // Whoever has put it must not do that.
  t.is(await codeOf(borrower.port.fetch(ticket)), 'STG_OBJECT_LOST')
  t.is(borrower.store.usage.objects, 0)
})

test('a lender that falls silent without a word is called again', async (t) => {
  const clock = new ManualClock()
  const bytes = 2 ** 22
  const lender = await wiredNode(t)
  const borrower = await node(t, { clock, timeouts: { silenceMs: 100, giveUpMs: 1_000_000 } })
  const fetched = borrower.port.fetch(await lend(lender, patterned(bytes)))
  await lender.wire.moves(bytes / 4)
  lender.wire.hold()
  const silent = lender.wire.calls
  let isOver = false
  void fetched.then(() => (isOver = true))
  await until(() => {
    clock.advance(100)
    return lender.wire.calls > silent
  })
  lender.wire.hold(false)
  await until(() => {
    clock.advance(10)
    return isOver
  })
  t.true(holds(borrower, await fetched, patterned(bytes)))
})

test('a lender that dies while a value travels is given up in time', async (t) => {
  const clock = new ManualClock()
  const lender = await wiredNode(t)
  const borrower = await node(t, { clock, timeouts: { giveUpMs: 500 } })
  const lost = codeOf(borrower.port.fetch(await lend(lender, patterned(2 ** 22))))
  await lender.wire.moves(2 ** 20)
  await lender.wire[Symbol.asyncDispose]()
  let code: string | undefined
  void lost.then((found) => (code = found))
  await until(() => {
    clock.advance(10)
    return code !== undefined
  })
  t.is(code, 'STG_OBJECT_LOST')
  t.deepEqual(
    { ...borrower.port.usage, ...borrower.store.usage, limitBytes: 0 },
    {
      lent: 0,
      sending: 0,
      receiving: 0,
      objects: 0,
      bytes: 0,
      limitBytes: 0,
      waiting: 0,
    },
  )
})

test('a value that is reclaimed while it travels is lost, and the room is free again', async (t) => {
  const lender = await wiredNode(t)
  const borrower = await node(t)
  const ticket = await lend(lender, patterned(2 ** 24))
  const lost = codeOf(borrower.port.fetch(ticket))
  await lender.wire.moves(2 ** 20)
  lender.port.reclaim(ticket)
  t.is(await lost, 'STG_OBJECT_LOST')
  await until(() => lender.port.usage.sending === 0 && lender.store.usage.objects === 0)
  t.is(borrower.store.usage.bytes, 0)
})

test('what nobody waits for any more is not sent on', async (t) => {
  const bytes = 2 ** 25
  const lender = await wiredNode(t)
  const borrower = await node(t)
  const ticket = await lend(lender, patterned(bytes))
  const controller = new AbortController()
  const fetched = borrower.port.fetch(ticket, controller.signal)
  await lender.wire.moves(2 ** 20)
  controller.abort(new Error('not wanted'))
  await t.throwsAsync(fetched, { message: 'not wanted' })
  await until(() => lender.port.usage.sending === 0)
  t.true(lender.wire.bytes < bytes)
  t.is(borrower.port.connections.peers, 1)
})
