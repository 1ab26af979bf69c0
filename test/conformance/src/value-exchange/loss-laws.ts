import assert from 'node:assert/strict'
import { refuses } from '../refusal.js'
import type { Law } from '../runner.js'
import { isSame, patterned } from './carriage-laws.js'
import { Nodes, type ValueExchangeSubject } from './nodes.js'

/** What becomes of a fetch when the way or the lender is gone. */
export const lossLaws: readonly Law<ValueExchangeSubject>[] = [
  {
    id: 'V20',
    name: 'lender-gone',
    sentence:
      'A fetch from a port that has closed is STG_OBJECT_LOST, also when something came from it before.',
    check: async (subject) => {
      await using nodes = await Nodes.create(subject)
      const { lender, borrower } = await nodes.pair()
      const tickets = [await nodes.lend(lender, 'first'), await nodes.lend(lender, 'second')]
      assert.equal(await nodes.bring(borrower, tickets[0]!), 'first')
      await lender.port.close()
      await refuses('STG_OBJECT_LOST', nodes.deadlineMs, () => borrower.port.fetch(tickets[1]!))
      await nodes.empty(borrower)
    },
  },
  {
    id: 'V21',
    name: 'broken',
    sentence: 'Values arrive whole although all connections break while they are under way.',
    applies: ({ cuts = false }) => cuts,
    check: async (subject) => {
      await using nodes = await Nodes.create(subject)
      const { lender, borrower } = await nodes.pair()
      const values = [1, 2, 3].map((seed) => patterned(2 ** 21, seed))
      const tickets = await Promise.all(values.map((value) => nodes.lend(lender, value)))
      const fetched = Promise.all(tickets.map((ticket) => nodes.bring(borrower, ticket)))
      for (let breaks = 0; breaks < 3; breaks += 1) await nodes.world.cut?.()
      const arrived = await fetched
      assert.ok(
        values.every((value, at) => isSame(arrived[at], value)),
        'a value arrived differently',
      )
      await nodes.empty(borrower)
    },
  },
]
