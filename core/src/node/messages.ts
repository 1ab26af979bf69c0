import { Encoder } from 'cbor-x'
import type { PutOptions, PutOutcome, UserFact } from '../app/handles.js'
import { StigmergyError } from '../errors.js'
import type { SentError } from './sent-error.js'

/** A value on its way: its bytes, or a list of one descriptor of the store. */
export type Parcel = Uint8Array | readonly [descriptor: Uint8Array]

/** An object on its way to a worker: the fields of `ObjectRef`, those that are rare last, and the value. */
export type SentObject = readonly [
  bucket: string,
  key: string,
  seq: number,
  at: number,
  bytes: number,
  hops: number,
  producer: SentProducer,
  value: Parcel,
  /** Undefined for the session of the run. */
  session?: string | undefined,
  rare?: Readonly<Record<string, unknown>> | undefined,
]

export type SentProducer = readonly [
  fn: string,
  invocation: string,
  attempt: number,
  name?: string | undefined,
  causeTrigger?: string | undefined,
  causeTag?: string | undefined,
]

/** What a function can know of its firing besides the objects; undefined when nothing is out of the ordinary. */
export interface SentFiring {
  readonly partial?: true
  readonly missing?: readonly string[]
  readonly window?: { readonly start: number; readonly end: number }
  readonly cause?: string
  readonly meta?: Readonly<Record<string, unknown>>
}

/** Run a function. Functions are numbered alike by all workers that have the same apps. */
export type RunOrder = readonly [
  kind: 'run',
  run: number,
  fn: number,
  session: string,
  invocation: string,
  attempt: number,
  objects: readonly SentObject[],
  trigger: string | undefined,
  firing: SentFiring | undefined,
]

/** From a home to a worker. */
export type Order =
  | RunOrder
  /** A put or a reply of a run was taken, or refused. */
  | readonly [kind: 'answer', run: number, call: number, outcome: PutOutcome | SentError]
  /** What the run still does is in vain. */
  | readonly [kind: 'abort', run: number, reason: SentError]

export type PutReport = readonly [
  kind: 'put',
  run: number,
  call: number,
  /** Undefined for a bucket of the function's own app. */
  app: string | undefined,
  bucket: string,
  key: string | undefined,
  value: Parcel,
  bytes: number,
  options: PutOptions | undefined,
]

type ReplyReport = readonly [kind: 'reply', run: number, call: number, value: Parcel]

export type ClosedReport = readonly [kind: 'closed', run: number, app: string, bucket: string, fact: UserFact]

/** The run has ended, after so many µs, when so many had begun in all; with an error when it failed. */
export type EndedReport = readonly [
  kind: 'ended',
  run: number,
  tookUs: number,
  begun: number,
  error?: SentError,
]

/** From a worker to a home. */
export type Report =
  | PutReport
  | ReplyReport
  | ClosedReport
  | EndedReport
  /** So many runs have begun since this worker joined. */
  | readonly [kind: 'begun', begun: number]

const cbor = new Encoder({ useRecords: true, mapsAsObjects: false, copyBuffers: true })

/** The bytes are valid until the next call. */
export function encodeMessage(message: Order | Report): Uint8Array {
  try {
    return cbor.encode(message)
  } catch (cause) {
    throw new StigmergyError('STG_CODEC_UNSUPPORTED', `A message cannot be encoded: ${String(cause)}.`, {
      cause,
    })
  }
}

/** Whoever shares a node trusts the other members: what comes is of the form that this version writes. */
export function decodeMessage<Message extends Order | Report>(frame: Uint8Array): Message {
  return cbor.decode(frame) as Message
}
