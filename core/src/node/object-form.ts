import type { ObjectRef, Producer } from '../contract/index.js'
import type { FrameReader } from './frame-reader.js'
import type { FrameWriter } from './frame-writer.js'

type Rare = Pick<ObjectRef, 'et' | 'group' | 'groups' | 'occurrence' | 'meta'>

const rareNames = ['et', 'group', 'groups', 'occurrence', 'meta'] as const

/** Writes an object for a run in some session, which mostly is the object's own. */
export function writeObject(frame: FrameWriter, ref: ObjectRef, session: string): void {
  frame.text(ref.bucket)
  frame.text(ref.key)
  frame.text(ref.session === session ? undefined : ref.session)
  frame.text(ref.role)
  frame.whole(ref.seq)
  frame.number(ref.at)
  frame.whole(ref.bytes)
  frame.whole(ref.hops)
  writeProducer(frame, ref.producer)
  frame.other(rareFields(ref))
}

export function readObject(frame: FrameReader, session: string): ObjectRef {
  const bucket = frame.text()
  const key = frame.text()
  const own = frame.optionalText()
  const role = frame.optionalText()
  const usual = {
    bucket,
    key,
    session: own ?? session,
    seq: frame.whole(),
    at: frame.number(),
    bytes: frame.whole(),
    hops: frame.whole(),
    producer: readProducer(frame),
  }
  const rare = frame.other() as Rare | undefined
  if (role === undefined && rare === undefined) return usual
  return { ...usual, ...(role === undefined ? {} : { role }), ...rare }
}

function rareFields(ref: ObjectRef): Rare | undefined {
  const rare = rareNames.filter((name) => ref[name] !== undefined)
  return rare.length === 0 ? undefined : Object.fromEntries(rare.map((name) => [name, ref[name]]))
}

function writeProducer(frame: FrameWriter, { fn, invocation, attempt, name, cause }: Producer): void {
  frame.text(fn)
  frame.text(invocation)
  frame.whole(attempt)
  frame.text(name)
  frame.text(cause?.trigger)
  if (cause !== undefined) frame.text(cause.tag)
}

function readProducer(frame: FrameReader): Producer {
  const producer = { fn: frame.text(), invocation: frame.text(), attempt: frame.whole() }
  const name = frame.optionalText()
  const trigger = frame.optionalText()
  return {
    ...producer,
    ...(name === undefined ? {} : { name }),
    ...(trigger === undefined ? {} : { cause: { trigger, tag: frame.text() } }),
  }
}
