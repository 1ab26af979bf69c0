import type { StoreHandle } from '@stigmergy/core'
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { refuses } from '../refusal.js'
import { forAll, type Law } from '../runner.js'
import { turns, until, within } from '../waiting.js'
import { Depot, Puts, type ObjectStoreSubject } from './depot.js'
import { history, type Held } from './history.js'

/** How the room of a store is counted, shared and waited for. */
export const roomLaws: readonly Law<ObjectStoreSubject>[] = [
  {
    id: 'O7',
    name: 'usage',
    sentence: 'Usage counts the values that are held, what they are accounted for, and the puts that wait.',
    check: (subject) =>
      history(subject, ({ depot, held, waiting }) => {
        const { objects, bytes, waiting: counted } = depot.store.usage
        const values = distinct(held)
        const accounted = values.reduce((sum, { handle }) => sum + handle.bytes, 0)
        assert.deepEqual(
          { objects, bytes, counted },
          { objects: values.length, bytes: accounted, counted: waiting },
        )
      }),
  },
  {
    id: 'O8',
    name: 'bounded',
    sentence: 'The values that are held are never larger than the limit.',
    check: (subject) =>
      history(subject, ({ depot, held }) => {
        const { bytes, limitBytes } = depot.store.usage
        const put = distinct(held).reduce((sum, { value }) => sum + value.length, 0)
        const taken = Math.max(put, bytes)
        assert.ok(taken <= limitBytes, `${taken} bytes are held under a limit of ${limitBytes}`)
      }),
  },
  {
    id: 'O9',
    name: 'room',
    sentence: 'The room of a released value can be used again, as often as one likes.',
    check: async (subject) => {
      await using depot = await Depot.create(subject)
      const first = await fillAndEmpty(depot)
      for (let rounds = 0; rounds < 5; rounds += 1) {
        const fitted = await fillAndEmpty(depot)
        assert.ok(fitted >= first, `Only ${fitted} of ${first} values fitted again`)
      }
    },
  },
  {
    id: 'O10',
    name: 'queue',
    sentence:
      'Puts that find no room wait, first come first served: a small one does not overtake a large one.',
    check: (subject) =>
      forAll(subject, unitsOfPuts(), async (units) => {
        await using depot = await Depot.create(subject)
        const { handles, waiting } = depot.fill(depot.unit)
        const puts = new Puts()
        puts.add(waiting)
        for (const bytes of units.map((count) => count * depot.unit))
          puts.add(depot.store.put(new Uint8Array(bytes), bytes))
        assert.equal(depot.store.usage.waiting, 1 + units.length, 'A put that came later did not wait')
        await drain(depot, handles, puts, 1 + units.length)
        const order = puts.admitted.map(({ number }) => number)
        const inTurn = [...order].sort((one, other) => one - other)
        assert.deepEqual(order, inTurn, 'A put was overtaken')
      }),
  },
  {
    id: 'O11',
    name: 'gives-up',
    sentence: 'A put that the store gives up rejects with STG_STORE_FULL and leaves nothing behind.',
    check: async (subject) => {
      await using depot = await Depot.create(subject, { waitMs: 20 })
      const { store, unit } = depot
      const { handles, waiting } = depot.fill(unit)
      const puts = [waiting, store.put(new Uint8Array(unit), unit)]
      await Promise.all(puts.map((put) => refuses('STG_STORE_FULL', depot.deadlineMs, () => put)))
      assert.deepEqual([store.usage.objects, store.usage.waiting], [handles.length, 0])
      for (const handle of handles) store.release(handle)
      await turns()
      assert.deepEqual([store.usage.objects, store.usage.bytes], [0, 0])
    },
  },
  {
    id: 'O12',
    name: 'too-large',
    sentence: 'A value larger than the whole store is STG_STORE_FULL at once, also while others wait.',
    check: async (subject) => {
      await using depot = await Depot.create(subject)
      const { store, unit } = depot
      const bytes = store.usage.limitBytes + 1
      const putTooLarge = (): unknown => store.put(new Uint8Array(bytes), bytes)
      await refuses('STG_STORE_FULL', depot.deadlineMs, putTooLarge)
      const { handles, waiting } = depot.fill(unit)
      await refuses('STG_STORE_FULL', depot.deadlineMs, putTooLarge)
      assert.equal(store.usage.waiting, 1)
      for (const handle of handles) store.release(handle)
      store.release(await within(waiting, depot.deadlineMs, 'The put that waited'))
    },
  },
]

/** Sizes of puts, in sixteenths of the store. */
function unitsOfPuts(): fc.Arbitrary<readonly number[]> {
  return fc.array(fc.constantFrom(0, 1, 2, 4), { minLength: 1, maxLength: 12 })
}

/** One of the handles of each value. */
function distinct(held: readonly Held[]): readonly Held[] {
  return [...new Map(held.map((entry) => [entry.value, entry])).values()]
}

/** Returns how many values fitted. */
async function fillAndEmpty(depot: Depot): Promise<number> {
  const { handles, waiting } = depot.fill(depot.unit)
  for (const handle of handles) depot.store.release(handle)
  depot.store.release(await within(waiting, depot.deadlineMs, 'The put that waited'))
  return handles.length
}

/** Releases one value after the other, and then the ones that are admitted, until every put has been served. */
async function drain(
  depot: Depot,
  handles: readonly StoreHandle[],
  puts: Puts,
  count: number,
): Promise<void> {
  for (let released = 0; released < handles.length + count; released += 1) {
    const next = (): StoreHandle | undefined =>
      released < handles.length ? handles[released] : puts.admitted[released - handles.length]?.handle
    await until(() => next() !== undefined, depot.deadlineMs, 'The admission of a put that waited')
    const handle = next()
    if (handle !== undefined) depot.store.release(handle)
  }
}
