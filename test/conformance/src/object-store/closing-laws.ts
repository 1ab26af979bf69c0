import assert from 'node:assert/strict'
import { leavesNothing } from '../leftovers.js'
import { refuses } from '../refusal.js'
import { deadlineOf, type Law } from '../runner.js'
import { Depot, type ObjectStoreSubject } from './depot.js'

/** What the close of a store does. */
export const closingLaws: readonly Law<ObjectStoreSubject>[] = [
  {
    id: 'O19',
    name: 'closed',
    sentence: 'After `close` every call is STG_CLOSED.',
    check: async (subject) => {
      await using depot = await Depot.create(subject)
      const { store, deadlineMs } = depot
      const handle = await depot.put('held')
      const descriptor = store.describe(handle)
      await store.close()
      for (const use of ['read', 'retain', 'release', 'describe'] as const)
        await refuses('STG_CLOSED', deadlineMs, () => store[use](handle))
      await refuses('STG_CLOSED', deadlineMs, () => store.put('late', 256))
      await refuses('STG_CLOSED', deadlineMs, () => store.open(descriptor))
    },
  },
  {
    id: 'O20',
    name: 'close-rejects',
    sentence: '`close` rejects the waiting puts with STG_CLOSED.',
    check: async (subject) => {
      await using depot = await Depot.create(subject)
      const { store, unit, deadlineMs } = depot
      const { waiting } = depot.fill(unit)
      const puts = [waiting, store.put(new Uint8Array(unit), unit)]
      const rejected = puts.map((put) => refuses('STG_CLOSED', deadlineMs, () => put))
      await Promise.all([...rejected, store.close()])
    },
  },
  {
    id: 'O21',
    name: 'close-again',
    sentence: 'Closing twice, at once or later, is the same as closing once.',
    check: async (subject) => {
      await using depot = await Depot.create(subject)
      await Promise.all([depot.store.close(), depot.store.close()])
      await depot.store.close()
    },
  },
  {
    id: 'O22',
    name: 'apart',
    sentence: 'Two stores share nothing: one that is full or closed is not noticed by the other.',
    check: async (subject) => {
      await using here = await Depot.create(subject)
      await using there = await Depot.create(subject)
      const { waiting } = there.fill(there.unit)
      const handle = await here.put('here')
      assert.deepEqual([here.store.usage.objects, here.store.usage.waiting], [1, 0])
      await there.store.close()
      await refuses('STG_CLOSED', there.deadlineMs, () => waiting)
      assert.equal(here.store.read(handle), 'here')
    },
  },
  {
    id: 'O23',
    name: 'nothing-left',
    sentence:
      'A store that has closed leaves no timer and no handle, also with values held and puts waiting.',
    check: (subject) =>
      leavesNothing(deadlineOf(subject), async () => {
        const depot = await Depot.create(subject)
        const { waiting } = depot.fill(depot.unit)
        await depot[Symbol.asyncDispose]()
        await refuses('STG_CLOSED', depot.deadlineMs, () => waiting)
      }),
  },
]
