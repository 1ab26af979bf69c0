import assert from 'node:assert/strict'
import { refuses } from '../refusal.js'
import type { Law } from '../runner.js'
import { turns, until, within } from '../waiting.js'
import { isSame, patterned } from './carriage-laws.js'
import { Nodes, occupy, type ValueExchangeSubject } from './nodes.js'

/** What a fetch does, besides bringing the value. */
export const fetchLaws: readonly Law<ValueExchangeSubject>[] = [
  {
    id: 'V12',
    name: 'one-hold',
    sentence:
      'A fetch gives one hold, and the value goes with it; it has nothing to do with what the lender holds.',
    check: async (subject) => {
      await using nodes = await Nodes.create(subject)
      const { lender, borrower } = await nodes.pair()
      const ticket = await nodes.lend(lender, patterned(1_000))
      const handle = await borrower.port.fetch(ticket)
      lender.port.reclaim(ticket)
      await nodes.empty(lender)
      assert.ok(isSame(borrower.store.read(handle), patterned(1_000)), 'the value was not there any more')
      borrower.store.release(handle)
      await nodes.empty(borrower)
    },
  },
  {
    id: 'V13',
    name: 'shared',
    sentence: 'Fetches of one ticket at one time share one transfer, and each has a hold of its own.',
    check: async (subject) => {
      await using nodes = await Nodes.create(subject)
      const { lender, borrower } = await nodes.pair()
      const ticket = await nodes.lend(lender, patterned(100_000))
      const fetches = [1, 2, 3].map(() => borrower.port.fetch(ticket))
      assert.equal(borrower.port.usage.receiving, 1)
      const handles = await within(Promise.all(fetches), nodes.deadlineMs, 'The fetches')
      assert.equal(borrower.store.usage.objects, 1)
      for (const handle of handles) {
        assert.ok(isSame(borrower.store.read(handle), patterned(100_000)), 'a hold was no hold')
        borrower.store.release(handle)
      }
      await nodes.empty(borrower)
    },
  },
  {
    id: 'V14',
    name: 'own',
    sentence: 'What a port has lent itself it holds once more, and nothing is copied.',
    check: async (subject) => {
      await using nodes = await Nodes.create(subject)
      const { lender } = await nodes.pair()
      const ticket = await nodes.lend(lender, patterned(1_000))
      const handle = await lender.port.fetch(ticket)
      assert.equal(lender.store.usage.objects, 1)
      lender.port.reclaim(ticket)
      assert.ok(isSame(lender.store.read(handle), patterned(1_000)), 'the value was not there any more')
      lender.store.release(handle)
      await nodes.empty(lender)
    },
  },
  {
    id: 'V15',
    name: 'room',
    sentence: 'A fetch into a full store waits until there is room.',
    check: async (subject) => {
      await using nodes = await Nodes.create(subject)
      const { lender, borrower } = await nodes.pair()
      const bytes = Math.floor(borrower.store.usage.limitBytes / 8)
      const ticket = await nodes.lend(lender, patterned(bytes))
      const makeRoom = await occupy(borrower)
      let isThere = false
      const fetched = nodes.bring(borrower, ticket)
      const over = (): void => void (isThere = true)
      fetched.then(over, over)
      await turns(20)
      assert.ok(!isThere, 'the fetch did not wait')
      makeRoom()
      assert.ok(isSame(await fetched, patterned(bytes)), 'the value arrived differently')
    },
  },
  {
    id: 'V16',
    name: 'too-large',
    sentence: 'A value that is larger than the whole store of the borrower is STG_STORE_FULL.',
    check: async (subject) => {
      await using nodes = await Nodes.create(subject)
      const lender = await nodes.open()
      const borrower = await nodes.open({ limitBytes: 2 ** 20 })
      const bytes = borrower.store.usage.limitBytes + 1
      const ticket = await nodes.lend(lender, new Uint8Array(bytes))
      await refuses('STG_STORE_FULL', nodes.deadlineMs, () => borrower.port.fetch(ticket))
      await nodes.empty(borrower)
    },
  },
  {
    id: 'V17',
    name: 'aborts',
    sentence:
      'A fetch rejects with the reason of its signal, at once when that has aborted before, and leaves nothing behind.',
    check: async (subject) => {
      await using nodes = await Nodes.create(subject)
      const { lender, borrower } = await nodes.pair()
      const ticket = await nodes.lend(lender, patterned(2 ** 20))
      const reason = new Error('not wanted any more')
      const controller = new AbortController()
      const fetched = borrower.port.fetch(ticket, controller.signal)
      controller.abort(reason)
      for (const fetch of [fetched, borrower.port.fetch(ticket, controller.signal)])
        await assert.rejects(within(fetch, nodes.deadlineMs, 'The end of the fetch'), reason)
      await nodes.empty(borrower)
      assert.ok(isSame(await nodes.bring(borrower, ticket), patterned(2 ** 20)), 'it did not come later')
    },
  },
  {
    id: 'V18',
    name: 'aborts-alone',
    sentence: 'Of several who share a transfer, one who aborts takes it from nobody else.',
    check: async (subject) => {
      await using nodes = await Nodes.create(subject)
      const { lender, borrower } = await nodes.pair()
      const ticket = await nodes.lend(lender, patterned(100_000))
      const controller = new AbortController()
      const given = borrower.port.fetch(ticket, controller.signal)
      const other = nodes.bring(borrower, ticket)
      controller.abort(new Error('not wanted any more'))
      await assert.rejects(given, /not wanted/)
      assert.ok(isSame(await other, patterned(100_000)), 'the value arrived differently')
      await nodes.empty(borrower)
    },
  },
  {
    id: 'V19',
    name: 'usage',
    sentence: 'Usage counts what is lent, and what is on its way, until it is there.',
    check: async (subject) => {
      await using nodes = await Nodes.create(subject)
      const { lender, borrower } = await nodes.pair()
      const tickets = [await nodes.lend(lender, 'a'), await nodes.lend(lender, 'b')]
      assert.equal(lender.port.usage.lent, 2)
      const fetches = tickets.map((ticket) => nodes.bring(borrower, ticket))
      assert.equal(borrower.port.usage.receiving, 2)
      assert.deepEqual(await Promise.all(fetches), ['a', 'b'])
      for (const ticket of tickets) lender.port.reclaim(ticket)
      const isIdle = (): boolean => {
        const { lent, sending } = lender.port.usage
        return lent === 0 && sending === 0 && borrower.port.usage.receiving === 0
      }
      await until(isIdle, nodes.deadlineMs, 'The end of all that was counted')
    },
  },
]
