import type { PutOptions, PutOutcome, UserFact } from '../app/handles.js'
import type { ObjectRef } from '../contract/index.js'
import type { SentError } from './sent-error.js'

/** A value on its way: its bytes, or a list of one descriptor of the store. */
export type Parcel = Uint8Array | readonly [descriptor: Uint8Array]

/** An object on its way to a worker. */
export interface SentObject {
  readonly ref: ObjectRef
  readonly parcel: Parcel
}

/** What a function can know of its firing besides the objects; undefined when nothing is out of the ordinary. */
export interface SentFiring {
  readonly partial?: true
  readonly missing?: readonly string[]
  readonly window?: { readonly start: number; readonly end: number }
  readonly cause?: string
  readonly meta?: Readonly<Record<string, unknown>>
}

/** Run a function. */
export interface RunOrder {
  readonly kind: 'run'
  readonly run: number
  /** Functions are numbered alike by all workers that have the same apps. */
  readonly fn: number
  readonly session: string
  readonly invocation: string
  readonly attempt: number
  readonly objects: readonly SentObject[]
  readonly trigger: string | undefined
  readonly firing: SentFiring | undefined
}

/** A put or a reply of a run was taken, or refused. */
export interface AnswerOrder {
  readonly kind: 'answer'
  readonly run: number
  readonly call: number
  readonly outcome: PutOutcome | SentError
}

/** What the run still does is in vain. Without a reason: it is not needed any more. */
interface AbortOrder {
  readonly kind: 'abort'
  readonly run: number
  readonly reason: SentError | undefined
}

/** From a home to a worker. */
export type Order = RunOrder | AnswerOrder | AbortOrder

export interface PutReport {
  readonly kind: 'put'
  readonly run: number
  readonly call: number
  /** Undefined for a bucket of the function's own app. */
  readonly app: string | undefined
  readonly bucket: string
  readonly key: string | undefined
  readonly parcel: Parcel
  readonly bytes: number
  readonly options: PutOptions | undefined
}

export interface ReplyReport {
  readonly kind: 'reply'
  readonly run: number
  readonly call: number
  readonly parcel: Parcel
}

export interface ClosedReport {
  readonly kind: 'closed'
  readonly run: number
  readonly app: string
  readonly bucket: string
  readonly fact: UserFact
}

/** The run has ended; with an error when it failed. */
export interface EndedReport {
  readonly kind: 'ended'
  readonly run: number
  readonly tookUs: number
  /** Runs that have begun since this worker joined. */
  readonly begun: number
  readonly error: SentError | undefined
}

interface BegunReport {
  readonly kind: 'begun'
  /** Runs that have begun since this worker joined. */
  readonly begun: number
}

/** From a worker to a home. */
export type Report = PutReport | ReplyReport | ClosedReport | EndedReport | BegunReport

export type Message = Order | Report
