import type { PutOutcome } from '../app/handles.js'
import type { Closed, Outcome } from '../contract/index.js'
import type { FiringElsewhere } from '../worker/invocation.js'
import type { AssistMessage, Wanted } from './assist-messages.js'
import type { SentObject } from './shared-object.js'
import type { Operation } from './shared-bucket.js'
import type { SentEnd, SentReply, SentRequest } from './shared-sessions.js'

/** A function to be run in a session of its own: a request's, or a firing's of a shared trigger. */
export interface Work {
  /** The session's name: also what tells one work from another. */
  readonly session: string
  readonly parents: readonly string[]
  readonly app: string
  readonly fn: string
  readonly objects: readonly SentObject[]
  /** ms since epoch; undefined for never. */
  readonly deadlineAt: number | undefined
  /** Whom its end is told to. */
  readonly shard: number
  /** Undefined for a request. */
  readonly firing: SentOrder | undefined
}

/** What a node knows of the firing that it runs. */
interface SentOrder extends FiringElsewhere {
  readonly bucket: string
}

/** From a node or a client to the holder of a shard. All may come twice: what has been done is not done again. */
export type ToCoordinator =
  /** Answered when it is sure that it will run. */
  | readonly [kind: 'request', shard: number, request: SentRequest]
  /** Answered with the reply, or the end; with neither after a while: then the caller asks again. */
  | readonly [kind: 'await', shard: number, session: string, what: 'reply' | 'end']
  | readonly [kind: 'cancel', shard: number, session: string]
  /** Answered with a `PutAnswer`. */
  | readonly [kind: 'put', shard: number, app: string, bucket: string, object: SentObject]
  | readonly [kind: 'tell', shard: number, app: string, bucket: string, fact: Closed]
  | readonly [kind: 'drop', shard: number, app: string, bucket: string, session: string]
  | readonly [kind: 'operate', shard: number, app: string, bucket: string, operation: Operation]
  /** Answered with `TriggerExplanation`s. */
  | readonly [
      kind: 'explain',
      shard: number,
      app: string,
      bucket: string,
      trigger: string,
      by: string | undefined,
    ]
  | readonly [kind: 'replied', shard: number, session: string, reply: SentReply]
  | readonly [kind: 'ended', shard: number, session: string, end: SentEnd, node: string]
  | DoneMessage
  /** A node has no room for these. Answered with a `Grant` for each node that has some. */
  | readonly [kind: 'room', shard: number, node: string, wanted: readonly Wanted[]]
  /** Answered with the `ShardStatus` of every shard that the coordinator holds. */
  | readonly [kind: 'status']

/** How a put ended; with the epoch under which it is kept when that is in memory alone. */
export type PutAnswer = PutOutcome | { readonly outcome: PutOutcome; readonly epoch: number }

/** The session of a firing has ended, on this node. */
export type DoneMessage = readonly [
  kind: 'done',
  shard: number,
  session: string,
  app: string,
  bucket: string,
  firing: string,
  outcome: Outcome,
  node: string,
]

/** `over` is for work that has ended there already; its end has been told, or is about to be. */
export type RunAnswer = 'taken' | 'over'

/** From a coordinator to a node. */
export type ToNode =
  /** Answered with a `RunAnswer`. */
  | readonly [kind: 'run', work: Work]
  | readonly [kind: 'abort', session: string]
  /** Answered with the sessions of the shard that are at home there. */
  | readonly [kind: 'running', shard: number]
  | SettledMessage
  /** Nobody will fetch these values any more. */
  | readonly [kind: 'reclaim', tickets: readonly Uint8Array[]]
  /** Answered with its `MemberEntry`, as it stands. */
  | readonly [kind: 'status']

/** From a coordinator to whoever has put these: nothing is kept of them any more. */
type SettledMessage = readonly [kind: 'settled', app: string, bucket: string, puts: readonly number[]]

export type ClusterMessage = ToCoordinator | ToNode | AssistMessage | SettledMessage

/** What an awaited session has come to so far. */
export interface AwaitAnswer {
  readonly reply?: SentReply
  readonly end?: SentEnd
}
