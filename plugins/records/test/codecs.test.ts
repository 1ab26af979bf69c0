import test from 'ava'
import fc from 'fast-check'
import { bytes, count, json, number, type PairCodec, Slice, text } from '../src/index.js'

function through<T>(codec: PairCodec<T>, value: T): T {
  const { bytes, start, end } = codec.encode(value)
  const elsewhere = Buffer.concat([Buffer.from('before'), bytes.subarray(start, end), Buffer.from('behind')])
  return codec.decode(new Slice(elsewhere, 6, 6 + end - start))
}

const values: Readonly<Record<string, readonly [PairCodec<never>, fc.Arbitrary<unknown>]>> = {
  text: [text as PairCodec<never>, fc.string({ unit: 'grapheme' })],
  number: [number as PairCodec<never>, fc.double({ noNaN: true })],
  count: [count as PairCodec<never>, fc.maxSafeNat()],
  json: [json<never>(), fc.jsonValue()],
}

for (const [name, [codec, value]] of Object.entries(values))
  test(`${name} comes back as it was, wherever its bytes lie`, (t) => {
    fc.assert(
      fc.property(value, (own) => {
        const expected: unknown = name === 'json' ? JSON.parse(JSON.stringify(own)) : own
        t.deepEqual(through(codec as PairCodec<unknown>, own), expected)
      }),
    )
  })

test('bytes are what they are, without a copy', (t) => {
  const slice = Slice.of(Buffer.from('abc')).part(1)
  t.is(bytes.decode(bytes.encode(slice)), slice)
  t.is(slice.toString(), 'bc')
})

test('numbers are in the order of their bytes', (t) => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (one, other) => {
      const order = Math.sign(number.encode(one).copy().compare(number.encode(other).copy()))
      if (one < other) t.is(order, -1)
      else if (one > other) t.is(order, 1)
      else t.is(order, Math.sign(Number(Object.is(other, -0)) - Number(Object.is(one, -0))))
    }),
  )
})
