import { leavesNothing } from '../leftovers.js'
import { refuses } from '../refusal.js'
import { deadlineOf, type Law } from '../runner.js'
import { patterned } from './carriage-laws.js'
import { Nodes, occupy, type ValueExchangeSubject } from './nodes.js'

/** What the close of a port does. */
export const closingLaws: readonly Law<ValueExchangeSubject>[] = [
  {
    id: 'V22',
    name: 'closed',
    sentence: 'After `close` every call is STG_CLOSED.',
    check: async (subject) => {
      await using nodes = await Nodes.create(subject)
      const { lender, borrower } = await nodes.pair()
      const handle = await lender.store.put('held', 256)
      const [ticket, other] = [lender.port.lend(handle), await nodes.lend(borrower, 'other')]
      await lender.port.close()
      await refuses('STG_CLOSED', nodes.deadlineMs, () => lender.port.lend(handle))
      await refuses('STG_CLOSED', nodes.deadlineMs, () => lender.port.reclaim(ticket))
      await refuses('STG_CLOSED', nodes.deadlineMs, () => lender.port.fetch(other))
    },
  },
  {
    id: 'V23',
    name: 'close-rejects',
    sentence: '`close` rejects with STG_CLOSED what is being fetched, and ends all holds.',
    check: async (subject) => {
      await using nodes = await Nodes.create(subject)
      const { lender, borrower } = await nodes.pair()
      const ticket = await nodes.lend(lender, patterned(2 ** 20))
      await nodes.lend(borrower, 'lent')
      const makeRoom = await occupy(borrower)
      const rejected = refuses('STG_CLOSED', nodes.deadlineMs, () => borrower.port.fetch(ticket))
      await Promise.all([rejected, borrower.port.close()])
      makeRoom()
      await nodes.empty(borrower)
    },
  },
  {
    id: 'V24',
    name: 'close-again',
    sentence: 'Closing twice, at once or later, is the same as closing once.',
    check: async (subject) => {
      await using nodes = await Nodes.create(subject)
      const { lender } = await nodes.pair()
      await nodes.lend(lender, 'lent')
      await Promise.all([lender.port.close(), lender.port.close()])
      await lender.port.close()
      await nodes.empty(lender)
    },
  },
  {
    id: 'V25',
    name: 'nothing-left',
    sentence: 'Ports that have closed leave no timer and no handle, also with values lent and under way.',
    check: (subject) =>
      leavesNothing(deadlineOf(subject), async () => {
        const nodes = await Nodes.create(subject)
        const { lender, borrower } = await nodes.pair()
        await nodes.bring(borrower, await nodes.lend(lender, 'there'))
        const fetched = borrower.port.fetch(await nodes.lend(lender, patterned(2 ** 21)))
        const rejected = refuses('STG_CLOSED', nodes.deadlineMs, () => fetched)
        await Promise.all([nodes[Symbol.asyncDispose](), rejected])
      }),
  },
]
