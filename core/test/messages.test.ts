import test from 'ava'
import fc from 'fast-check'
import type { ObjectRef, Producer } from '../src/contract/index.js'
import { StigmergyError } from '../src/errors.js'
import { FrameReader } from '../src/node/frame-reader.js'
import { FrameWriter } from '../src/node/frame-writer.js'
import { readMessage, writeMessage } from '../src/node/message-form.js'
import { Inbox, partsOf } from '../src/node/parts.js'
import type { Message, Parcel, SentFiring } from '../src/node/messages.js'

const text = fc.string({ unit: 'binary', maxLength: 40 })
const optional = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(values, { nil: undefined })
const whole = fc.maxSafeNat()
/** cbor-x renames `__proto__`, so that it harms nobody. */
const name = fc.string({ minLength: 1 }).filter((each) => each !== '__proto__')
const plain = fc.dictionary(name, fc.oneof(fc.string(), fc.integer(), fc.boolean()))
const bytes = fc.uint8Array({ maxLength: 6_000 })
const parcel: fc.Arbitrary<Parcel> = fc.oneof(
  bytes,
  bytes.map((descriptor) => [descriptor] as const),
)
const producer = fc.record(
  { fn: text, invocation: text, attempt: whole, name: text, cause: fc.record({ trigger: text, tag: text }) },
  { requiredKeys: ['fn', 'invocation', 'attempt'] },
) as fc.Arbitrary<Producer>
const ref = fc.record(
  {
    bucket: text,
    session: fc.constantFrom('session', 'another', ''),
    key: text,
    seq: whole,
    at: fc.double({ noNaN: true }),
    bytes: whole,
    hops: whole,
    producer,
    // A moment has no sign of zero, and CBOR keeps none.
    et: fc.double({ noNaN: true, noDefaultInfinity: true }).map((et) => et + 0),
    group: text,
    groups: fc.array(text),
    role: text,
    occurrence: whole,
    meta: plain,
  },
  { requiredKeys: ['bucket', 'session', 'key', 'seq', 'at', 'bytes', 'hops', 'producer'] },
) as fc.Arbitrary<ObjectRef>
const firing = fc.record(
  { partial: fc.constant(true), missing: fc.array(text), cause: text, meta: plain },
  { requiredKeys: ['missing'] },
) as fc.Arbitrary<SentFiring>
const error = fc.record({ name: text, message: text, retryable: fc.boolean(), details: plain })
const run = whole
const call = whole

const messages: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    kind: fc.constant('run' as const),
    run,
    fn: whole,
    session: fc.constant('session'),
    invocation: text,
    attempt: whole,
    objects: fc.array(fc.record({ ref, parcel }), { maxLength: 4 }),
    trigger: optional(text),
    firing: optional(firing),
  }),
  fc.record({
    kind: fc.constant('answer' as const),
    run,
    call,
    outcome: fc.oneof(fc.constantFrom('admitted' as const, 'duplicate' as const, 'late' as const), error),
  }),
  fc.record({ kind: fc.constant('abort' as const), run, reason: optional(error) }),
  fc.record({
    kind: fc.constant('put' as const),
    run,
    call,
    app: optional(text),
    bucket: text,
    key: optional(text),
    parcel,
    bytes: whole,
    options: optional(fc.record({ role: text, meta: plain })),
  }),
  fc.record({ kind: fc.constant('reply' as const), run, call, parcel }),
  fc.record({
    kind: fc.constant('closed' as const),
    run,
    app: text,
    bucket: text,
    fact: fc.record({ scope: fc.constant('items' as const), expected: whole }),
  }),
  fc.record({
    kind: fc.constant('ended' as const),
    run,
    tookUs: whole,
    begun: whole,
    error: optional(error),
  }),
  fc.record({ kind: fc.constant('begun' as const), begun: whole }),
)

test('every message is read as it was written, whatever was written before', (t) => {
  const writer = new FrameWriter()
  const reader = new FrameReader()
  fc.assert(
    fc.property(messages, fc.nat(9), (message, offset) => {
      const written = writeMessage(writer, message)
      const frame = new Uint8Array(written.length + offset).subarray(offset) // frames begin anywhere in a ring
      frame.set(written)
      const read = readMessage(reader, frame)
      frame.fill(0xff) // nothing that was read is part of the frame
      t.deepEqual(read, message)
    }),
    { numRuns: 1_000 },
  )
})

test('a message that is cut into frames is put together again, between whole ones', (t) => {
  const writer = new FrameWriter()
  const inbox = new Inbox()
  fc.assert(
    fc.property(
      fc.array(messages, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 9, max: 300 }),
      (all, most) => {
        const read: Message[] = []
        for (const message of all) {
          const written = writeMessage(writer, message)
          const frames = written.length <= most ? [written] : [...partsOf(written, most)]
          for (const frame of frames) {
            t.true(frame.length <= most)
            const whole = inbox.take(frame)
            if (whole !== undefined) read.push(readMessage(new FrameReader(), whole))
          }
        }
        t.deepEqual(read, all)
      },
    ),
    { numRuns: 300 },
  )
})

test('a text with halves of characters does not move the texts behind it', (t) => {
  const written = writeMessage(new FrameWriter(), {
    kind: 'closed',
    run: 1,
    app: '\ud800',
    bucket: '\ufefféé',
    fact: { scope: 'items' },
  })
  const read = readMessage(new FrameReader(), written)
  t.like(read, { app: '\ufffd', bucket: '\ufefféé' })
})

test('a message that is too large for the usual room leaves the next ones as they are', (t) => {
  const writer = new FrameWriter()
  const reader = new FrameReader()
  const large = { kind: 'reply', run: 1, call: 2, parcel: new Uint8Array(1_000_000).fill(7) } as const
  t.deepEqual(readMessage(reader, writeMessage(writer, large)), large)
  const small = writeMessage(writer, { kind: 'begun', begun: 300 })
  t.deepEqual(readMessage(reader, small), { kind: 'begun', begun: 300 })
  t.true(small.buffer.byteLength < 10_000)
})

test('what cannot travel is refused, and the next message is whole', (t) => {
  const writer = new FrameWriter()
  const put = { kind: 'put', run: 1, call: 1, app: undefined, bucket: 'b', key: 'k', bytes: 1 } as const
  const parcel = new Uint8Array([1])
  const options = { meta: { never: () => undefined } }
  const error = t.throws(() => writeMessage(writer, { ...put, parcel, options }))
  t.true(StigmergyError.is(error, 'STG_CODEC_UNSUPPORTED'))
  const sound = { ...put, parcel, options: undefined }
  t.deepEqual(readMessage(new FrameReader(), writeMessage(writer, sound)), sound)
})
