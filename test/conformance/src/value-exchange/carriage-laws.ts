import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { binaryValues, structuredValues } from '../object-store/values.js'
import { forAll, type Law } from '../runner.js'
import { Nodes, type ValueExchangeSubject } from './nodes.js'

/** What arrives. */
export const carriageLaws: readonly Law<ValueExchangeSubject>[] = [
  {
    id: 'V1',
    name: 'structured',
    sentence: 'What a fetch brings equals what was lent, whatever CBOR can carry.',
    check: (subject) => carries(subject, structuredValues()),
  },
  {
    id: 'V2',
    name: 'binary',
    sentence: 'Typed arrays, also views into larger buffers, keep their type and every byte.',
    check: (subject) => carries(subject, binaryValues()),
  },
  {
    id: 'V3',
    name: 'sizes',
    sentence: 'Values of any size arrive whole: of no bytes, of many, and of one more or less.',
    check: async (subject) => {
      await using nodes = await Nodes.create(subject)
      const { lender, borrower } = await nodes.pair()
      for (const power of [12, 16, 19, 21])
        for (const bytes of [2 ** power - 1, 2 ** power, 2 ** power + 1]) {
          const value = patterned(bytes)
          const ticket = await nodes.lend(lender, value)
          assert.ok(isSame(await nodes.bring(borrower, ticket), value), `${bytes} bytes arrived differently`)
          lender.port.reclaim(ticket)
        }
    },
  },
  {
    id: 'V4',
    name: 'many',
    sentence:
      'Values that are fetched at one time, in both directions and between several nodes, arrive each as itself.',
    check: async (subject) => {
      await using nodes = await Nodes.create(subject)
      const all = [await nodes.open(), await nodes.open(), await nodes.open()]
      const fetched = all.flatMap((lender, from) =>
        all.flatMap((borrower) =>
          [0, 1, 2, 3].map(async (number) => {
            const value = patterned(50_000 * number + 10, from * 4 + number)
            const arrived = await nodes.bring(borrower, await nodes.lend(lender, value))
            assert.ok(isSame(arrived, value), 'a value arrived as another')
          }),
        ),
      )
      await Promise.all(fetched)
    },
  },
]

async function carries(subject: ValueExchangeSubject, values: fc.Arbitrary<unknown>): Promise<void> {
  await using nodes = await Nodes.create(subject)
  const { lender, borrower } = await nodes.pair()
  await forAll(subject, values, async (value) => {
    const ticket = await nodes.lend(lender, value)
    const arrived = await nodes.bring(borrower, ticket)
    lender.port.reclaim(ticket)
    assert.ok(isDeepStrictEqual(arrived, value), `${fc.stringify(arrived)} arrived`)
  })
}

/** Bytes of which no two parts are the same. */
export function patterned(bytes: number, seed = 1): Uint8Array {
  const value = new Uint8Array(bytes)
  for (let at = 0, state = seed * 2_654_435_761 + 1; at < bytes; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    value[at] = state >>> 24
  }
  return value
}

/** As fast for large values as for small ones. */
export function isSame(one: unknown, other: Uint8Array): boolean {
  return one instanceof Uint8Array && Buffer.compare(one, other) === 0
}
