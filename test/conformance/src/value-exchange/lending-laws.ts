import assert from 'node:assert/strict'
import fc from 'fast-check'
import { refuses } from '../refusal.js'
import { forAll, type Law } from '../runner.js'
import { Nodes, type ValueExchangeSubject } from './nodes.js'

/** Tickets, and what they stand for. */
export const lendingLaws: readonly Law<ValueExchangeSubject>[] = [
  {
    id: 'V5',
    name: 'held',
    sentence: 'A lent value stays when its holders release it, and goes when it is reclaimed.',
    check: async (subject) => {
      await using nodes = await Nodes.create(subject)
      const { lender, borrower } = await nodes.pair()
      const ticket = await nodes.lend(lender, 'lent')
      for (const round of ['once', 'again'])
        assert.equal(await nodes.bring(borrower, ticket), 'lent', `fetched ${round}`)
      assert.equal(lender.store.usage.objects, 1)
      lender.port.reclaim(ticket)
      await nodes.empty(lender)
    },
  },
  {
    id: 'V6',
    name: 'reclaimed',
    sentence: 'A fetch of what was reclaimed is STG_OBJECT_LOST, also at the lender itself.',
    check: async (subject) => {
      await using nodes = await Nodes.create(subject)
      const { lender, borrower } = await nodes.pair()
      const ticket = await nodes.lend(lender, 'lent')
      lender.port.reclaim(ticket)
      for (const { port } of [borrower, lender])
        await refuses('STG_OBJECT_LOST', nodes.deadlineMs, () => port.fetch(ticket))
    },
  },
  {
    id: 'V7',
    name: 'reclaim-again',
    sentence: 'To reclaim a second time changes nothing, also when the value is lent under another ticket.',
    check: async (subject) => {
      await using nodes = await Nodes.create(subject)
      const { lender, borrower } = await nodes.pair()
      const handle = await lender.store.put('lent', 256)
      const [first, second] = [lender.port.lend(handle), lender.port.lend(handle)]
      lender.store.release(handle)
      lender.port.reclaim(first)
      lender.port.reclaim(first)
      assert.equal(lender.port.usage.lent, 1)
      assert.equal(await nodes.bring(borrower, second), 'lent')
    },
  },
  {
    id: 'V8',
    name: 'foreign',
    sentence: 'To reclaim what another port has lent is STG_STORE_DESCRIPTOR, and takes nothing away.',
    check: async (subject) => {
      await using nodes = await Nodes.create(subject)
      const { lender, borrower } = await nodes.pair()
      const ticket = await nodes.lend(lender, 'lent')
      await refuses('STG_STORE_DESCRIPTOR', nodes.deadlineMs, () => borrower.port.reclaim(ticket))
      assert.equal(await nodes.bring(borrower, ticket), 'lent')
    },
  },
  {
    id: 'V9',
    name: 'forged',
    sentence: 'Bytes that differ from every ticket are STG_STORE_DESCRIPTOR, for a fetch as for a reclaim.',
    check: async (subject) => {
      await using nodes = await Nodes.create(subject)
      const { lender, borrower } = await nodes.pair()
      const ticket = await nodes.lend(lender, 'lent')
      await forAll(subject, forgeries(ticket), async (forged) => {
        await refuses('STG_STORE_DESCRIPTOR', nodes.deadlineMs, () => borrower.port.fetch(forged))
        await refuses('STG_STORE_DESCRIPTOR', nodes.deadlineMs, () => lender.port.reclaim(forged))
      })
      assert.equal(await nodes.bring(borrower, ticket), 'lent')
    },
  },
  {
    id: 'V10',
    name: 'secret',
    sentence:
      'Whoever has another secret makes tickets that are STG_STORE_DESCRIPTOR, and can fetch nothing.',
    check: async (subject) => {
      await using nodes = await Nodes.create(subject)
      const insider = await nodes.open()
      const outsider = await nodes.open({ secret: new Uint8Array(32).fill(8) })
      const [inside, outside] = [await nodes.lend(insider, 'lent'), await nodes.lend(outsider, 'lent')]
      await refuses('STG_STORE_DESCRIPTOR', nodes.deadlineMs, () => insider.port.fetch(outside))
      await refuses('STG_STORE_DESCRIPTOR', nodes.deadlineMs, () => outsider.port.fetch(inside))
    },
  },
  {
    id: 'V11',
    name: 'unsupported',
    sentence:
      'What cannot travel is STG_CODEC_UNSUPPORTED when it is lent, if not before, and nothing is held.',
    check: async (subject) => {
      await using nodes = await Nodes.create(subject)
      const { lender } = await nodes.pair()
      const lend = (): Promise<unknown> => nodes.lend(lender, { run: () => undefined })
      await refuses('STG_CODEC_UNSUPPORTED', nodes.deadlineMs, lend)
      await nodes.empty(lender)
      assert.equal(lender.port.usage.lent, 0)
    },
  },
]

/** A ticket with a byte changed, cut off or added, and others. */
function forgeries(ticket: Uint8Array): fc.Arbitrary<Uint8Array> {
  const changed = fc
    .tuple(fc.nat({ max: ticket.length - 1 }), fc.integer({ min: 1, max: 255 }))
    .map(([at, by]) => ticket.map((byte, place) => (place === at ? byte ^ by : byte)))
  const cut = fc.nat({ max: ticket.length - 1 }).map((length) => ticket.slice(0, length))
  const longer = fc
    .uint8Array({ minLength: 1, maxLength: 8 })
    .map((more) => new Uint8Array([...ticket, ...more]))
  return fc.oneof(changed, cut, longer, fc.uint8Array({ maxLength: 600 }))
}
