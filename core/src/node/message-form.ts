import type { PutOptions, PutOutcome, UserFact } from '../app/handles.js'
import type { FrameReader } from './frame-reader.js'
import type { FrameWriter } from './frame-writer.js'
import type { AnswerOrder, Message, Parcel, RunOrder, SentFiring } from './messages.js'
import { readObject, writeObject } from './object-form.js'
import type { SentError } from './sent-error.js'

/** How one kind of message is written and read: the same fields in the same order. */
interface Form<M extends Message> {
  write(frame: FrameWriter, message: M): void
  read(frame: FrameReader): M
}

type Kind = Message['kind']
type Forms = { readonly [K in Kind]: Form<Extract<Message, { readonly kind: K }>> }

const outcomes: readonly PutOutcome[] = ['admitted', 'duplicate', 'late']

const run: Form<RunOrder> = {
  write(frame, message) {
    frame.whole(message.run)
    frame.whole(message.fn)
    frame.text(message.session)
    frame.text(message.invocation)
    frame.whole(message.attempt)
    frame.text(message.trigger)
    frame.other(message.firing)
    frame.whole(message.objects.length)
    for (const { ref, parcel } of message.objects) {
      writeObject(frame, ref, message.session)
      writeParcel(frame, parcel)
    }
  },
  read(frame) {
    const head = {
      kind: 'run',
      run: frame.whole(),
      fn: frame.whole(),
      session: frame.text(),
      invocation: frame.text(),
      attempt: frame.whole(),
      trigger: frame.optionalText(),
      firing: frame.other() as SentFiring | undefined,
    } as const
    const objects = []
    for (let left = frame.whole(); left > 0; left -= 1)
      objects.push({ ref: readObject(frame, head.session), parcel: readParcel(frame) })
    return { ...head, objects }
  },
}

/** The place among the outcomes, and after the last one for an error, which follows. */
const answer: Form<AnswerOrder> = {
  write(frame, { run, call, outcome }) {
    frame.whole(run)
    frame.whole(call)
    if (typeof outcome === 'string') return frame.whole(outcomes.indexOf(outcome))
    frame.whole(outcomes.length)
    frame.other(outcome)
  },
  read(frame) {
    const head = { kind: 'answer', run: frame.whole(), call: frame.whole() } as const
    return { ...head, outcome: outcomes[frame.whole()] ?? (frame.other() as SentError) }
  },
}

const forms: Forms = {
  run,
  answer,
  abort: {
    write(frame, { run, reason }) {
      frame.whole(run)
      frame.other(reason)
    },
    read: (frame) => ({ kind: 'abort', run: frame.whole(), reason: readError(frame) }),
  },
  put: {
    write(frame, { run, call, app, bucket, key, parcel, bytes, options }) {
      frame.whole(run)
      frame.whole(call)
      frame.text(app)
      frame.text(bucket)
      frame.text(key)
      writeParcel(frame, parcel)
      frame.whole(bytes)
      frame.other(options)
    },
    read: (frame) => ({
      kind: 'put',
      run: frame.whole(),
      call: frame.whole(),
      app: frame.optionalText(),
      bucket: frame.text(),
      key: frame.optionalText(),
      parcel: readParcel(frame),
      bytes: frame.whole(),
      options: frame.other() as PutOptions | undefined,
    }),
  },
  reply: {
    write(frame, { run, call, parcel }) {
      frame.whole(run)
      frame.whole(call)
      writeParcel(frame, parcel)
    },
    read: (frame) => ({ kind: 'reply', run: frame.whole(), call: frame.whole(), parcel: readParcel(frame) }),
  },
  closed: {
    write(frame, { run, app, bucket, fact }) {
      frame.whole(run)
      frame.text(app)
      frame.text(bucket)
      frame.other(fact)
    },
    read: (frame) => ({
      kind: 'closed',
      run: frame.whole(),
      app: frame.text(),
      bucket: frame.text(),
      fact: frame.other() as UserFact,
    }),
  },
  ended: {
    write(frame, { run, tookUs, begun, error }) {
      frame.whole(run)
      frame.whole(tookUs)
      frame.whole(begun)
      frame.other(error)
    },
    read: (frame) => ({
      kind: 'ended',
      run: frame.whole(),
      tookUs: frame.whole(),
      begun: frame.whole(),
      error: readError(frame),
    }),
  },
  begun: {
    write: (frame, { begun }) => frame.whole(begun),
    read: (frame) => ({ kind: 'begun', begun: frame.whole() }),
  },
}

/** A message begins with the place of its kind in this list. */
const kinds = Object.keys(forms) as readonly Kind[]
const numbers = Object.fromEntries(kinds.map((kind, number) => [kind, number])) as Readonly<
  Record<Kind, number>
>

/** The bytes are valid until the next message of this writer. Throws `STG_CODEC_UNSUPPORTED` for what cannot travel. */
export function writeMessage(frame: FrameWriter, message: Message): Uint8Array {
  frame.begin()
  frame.whole(numbers[message.kind])
  const form: Form<Message> = forms[message.kind]
  form.write(frame, message)
  return frame.end()
}

/** Whoever shares a node trusts the other members: what comes is of the form that this version writes. */
export function readMessage<M extends Message>(frame: FrameReader, bytes: Uint8Array): M {
  frame.begin(bytes)
  return forms[kinds[frame.whole()]!].read(frame) as M
}

/** 0 for the value itself, 1 for a descriptor; then the bytes of either. */
function writeParcel(frame: FrameWriter, parcel: Parcel): void {
  const isInline = parcel instanceof Uint8Array
  frame.whole(isInline ? 0 : 1)
  frame.bytes(isInline ? parcel : parcel[0])
}

function readParcel(frame: FrameReader): Parcel {
  const isInline = frame.whole() === 0
  const bytes = frame.bytes()
  return isInline ? bytes : [bytes]
}

function readError(frame: FrameReader): SentError | undefined {
  return frame.other() as SentError | undefined
}
