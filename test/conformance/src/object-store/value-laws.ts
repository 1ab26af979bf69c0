import type { StoreHandle } from '@stigmergy/core'
import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { refuses } from '../refusal.js'
import { forAll, type Law } from '../runner.js'
import { Depot, type ObjectStoreSubject } from './depot.js'
import { history } from './history.js'
import { binaryValues, structuredValues } from './values.js'

/** What is read, and for how long. */
export const valueLaws: readonly Law<ObjectStoreSubject>[] = [
  {
    id: 'O1',
    name: 'structured',
    sentence: 'What `read` gives equals what was put, whatever CBOR can carry.',
    check: async (subject) => {
      await using depot = await Depot.create(subject)
      await forAll(subject, structuredValues(), async (value) => {
        const handle = await depot.put(value)
        const read = depot.store.read(handle)
        assert.ok(isDeepStrictEqual(read, value), `${fc.stringify(read)} was read`)
        depot.store.release(handle)
      })
    },
  },
  {
    id: 'O2',
    name: 'binary',
    sentence: 'Typed arrays, also views into larger buffers, keep their type and every byte.',
    check: async (subject) => {
      await using depot = await Depot.create(subject)
      await forAll(subject, binaryValues(), async (value) => {
        const handle = await depot.put(value, value.byteLength)
        const read = depot.store.read(handle)
        assert.ok(sameBinary(read, value), `${fc.stringify(read)} was read`)
        assert.ok(handle.bytes >= value.byteLength, `${handle.bytes} bytes were accounted for`)
        depot.store.release(handle)
      })
    },
  },
  {
    id: 'O3',
    name: 'stable',
    sentence: 'A value that is held stays what it is, whatever is put, held and released meanwhile.',
    check: (subject) =>
      history(subject, ({ depot, held }) => {
        for (const { handle, value } of held) {
          const read = depot.store.read(handle)
          assert.ok(
            read instanceof Uint8Array && Buffer.compare(read, value) === 0,
            'A held value has changed',
          )
        }
      }),
  },
  {
    id: 'O4',
    name: 'holds',
    sentence: 'A value is readable until as many holds were released as there were.',
    check: async (subject) => {
      await using depot = await Depot.create(subject)
      const { store } = depot
      await forAll(subject, fc.nat({ max: 20 }), async (retains) => {
        const handle = await depot.put('held')
        for (let holds = 0; holds < retains; holds += 1) store.retain(handle)
        for (let releases = 0; releases < retains; releases += 1) {
          store.release(handle)
          assert.equal(store.read(handle), 'held')
        }
        store.release(handle)
        await refuses('STG_STORE_RELEASED', depot.deadlineMs, () => store.read(handle))
      })
    },
  },
  {
    id: 'O5',
    name: 'released',
    sentence:
      'Every use of a handle after its last release is STG_STORE_RELEASED, also when other values have taken the room.',
    check: async (subject) => {
      await using depot = await Depot.create(subject)
      const { store, unit } = depot
      const putEight = (): Promise<readonly StoreHandle[]> =>
        Promise.all(Array.from({ length: 8 }, () => depot.put(new Uint8Array(unit), unit)))
      const handles = await putEight()
      for (const handle of handles) store.release(handle)
      await putEight()
      for (const handle of handles)
        for (const use of ['read', 'retain', 'release', 'describe'] as const)
          await refuses('STG_STORE_RELEASED', depot.deadlineMs, () => store[use](handle))
    },
  },
  {
    id: 'O6',
    name: 'release-once',
    sentence: 'Releasing more often than held takes no hold and no room from another value.',
    check: async (subject) => {
      await using depot = await Depot.create(subject)
      const { store } = depot
      const handle = await depot.put('first')
      store.release(handle)
      const other = await depot.put('second')
      const before = store.usage
      for (let releases = 0; releases < 3; releases += 1)
        await refuses('STG_STORE_RELEASED', depot.deadlineMs, () => store.release(handle))
      assert.deepEqual(store.usage, before)
      assert.equal(store.read(other), 'second')
    },
  },
]

/** Compares bytes, since numbers would not tell one NaN from another. */
function sameBinary(read: unknown, value: ArrayBufferView): boolean {
  if (!ArrayBuffer.isView(read) || Object.getPrototypeOf(read) !== Object.getPrototypeOf(value)) return false
  return Buffer.compare(bytesOf(read), bytesOf(value)) === 0
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
