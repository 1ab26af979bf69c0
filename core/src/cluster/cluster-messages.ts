import type { PutOutcome } from '../app/handles.js'
import type { Closed, Outcome } from '../contract/index.js'
import type { FiringElsewhere } from '../worker/invocation.js'
import type { AssistMessage, Wanted } from './assist-messages.js'
import type { SentObject } from './shared-object.js'
import type { Operation } from './decision.js'
import type { SentError } from '../node/sent-error.js'
import type { SentEnd, SentPut, SentReply, SentRequest } from './shared-sessions.js'

/** A session to be run: a request's, a firing's of a shared trigger, or one that puts by its name have opened. */
export interface Work {
  /** The session's name: also what tells one work from another. */
  readonly session: string
  readonly parents: readonly string[]
  readonly app: string
  /** What it begins with; undefined for one that was opened by a put. */
  readonly fn: string | undefined
  readonly objects: readonly SentObject[]
  /** ms since epoch; undefined for never. */
  readonly deadlineAt: number | undefined
  /** Whom its end is told to. */
  readonly shard: number
  /** Undefined for all but a firing's. */
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
  /** A put into a session by its name. Answered with a `PutOutcome`. */
  | readonly [kind: 'enter', shard: number, put: SentPut]
  /** Answered with a `PutAnswer`. */
  | readonly [kind: 'put', shard: number, app: string, bucket: string, object: SentObject]
  /** Answered with whether a trigger provides for the failure that it is. */
  | readonly [kind: 'tell', shard: number, app: string, bucket: string, fact: Closed]
  /** The function of a tagged firing has failed, and its session has not ended. Answered as `tell`. */
  | readonly [kind: 'item', shard: number, app: string, bucket: string, firing: string, fact: Closed]
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
  | EndedMessage
  | DoneMessage
  /** A node has no room for these. Answered with a `Grant` for each node that has some. */
  | readonly [kind: 'room', shard: number, node: string, wanted: readonly Wanted[]]
  /** Answered with the `ShardStatus` of every shard that the coordinator holds. */
  | readonly [kind: 'status']

/** How a put ended; with the epoch under which it is kept when that is in memory alone. */
export type PutAnswer = PutOutcome | { readonly outcome: PutOutcome; readonly epoch: number }

/** A session has ended on this node. `seen` names the puts from outside that this life of it has admitted. Answered with an `EndAnswer`. */
export type EndedMessage = readonly [
  kind: 'ended',
  shard: number,
  session: string,
  end: SentEnd,
  node: string,
  seen: readonly string[],
]

/**
 * `elsewhere`: another node has the session, with puts that this life of it has not seen, and its end counts. With `again`, there is no
 * other, and the session is to run again with all of these.
 */
export type EndAnswer = 'recorded' | 'elsewhere' | { readonly again: readonly SentPut[] }

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

/** `absent`: the session is not at home there. */
export type EnterAnswer = PutOutcome | 'absent' | { readonly refused: SentError }

/** From a coordinator to a node. */
export type ToNode =
  /** Answered with a `RunAnswer`. */
  | readonly [kind: 'run', work: Work, puts: readonly SentPut[]]
  /** A put into a session that is at home there. Answered with an `EnterAnswer`. */
  | readonly [kind: 'enter', put: SentPut]
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
