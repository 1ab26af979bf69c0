import test from 'ava'
import fc from 'fast-check'
import { CborCodec, MessageCodec } from '../src/codec.js'

const scalar = fc.oneof(
  fc.string(),
  fc.double({ noNaN: true }),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom(null, undefined),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array(),
  fc.float64Array({ noNaN: true }),
)
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
    fc.array(fc.tuple(scalar, tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
    fc.array(scalar, { maxLength: 4 }).map((items) => new Set(items)),
  ),
})).value

for (const codec of [new CborCodec(), new MessageCodec()])
  test(`what ${codec.constructor.name} has written reads back equal, and shares no bytes with it`, (t) => {
    t.notThrows(() =>
      fc.assert(
        fc.property(value, (written) => {
          const bytes = codec.encode(written)
          const read = codec.decode(bytes)
          bytes.fill(0)
          t.deepEqual(read, written)
        }),
      ),
    )
  })

test('objects with fields that look like numbers stay objects', (t) => {
  const codec = new MessageCodec()
  t.deepEqual(codec.decode(codec.encode({ 1: 'one', a: { 2: [] } })), { 1: 'one', a: { 2: [] } })
})
