/** The invocation that put an object, as the object remembers it. */
export interface Producer {
  /** The function that ran; empty for a put from outside. */
  readonly fn: string
  /** The invocation; the same for every attempt of it. For a put from outside an id of that put. */
  readonly invocation: string
  /** Counts from 1. */
  readonly attempt: number
  /** The name that the producer gave itself with the put option `producer`. */
  readonly name?: string
  /** The tagged firing that started the invocation. */
  readonly cause?: Cause
}

/** Names one tagged firing: what a trigger matches a result to its item by. */
export interface Cause {
  /** The trigger's id, `<bucket>.<trigger>`. */
  readonly trigger: string
  /** The `tag` of the firing. */
  readonly tag: string
}

/**
 * The address and the metadata of an immutable object, never its bytes.
 * `(bucket, session, role, key)` is its identity; in a `multi` bucket `occurrence` is part of it.
 */
export interface ObjectRef {
  readonly bucket: string
  /** Empty when the object belongs to no session. */
  readonly session: string
  /** 1 to 512 bytes of UTF-8, any character. */
  readonly key: string
  /** Position in the log of the bucket; strictly increasing. */
  readonly seq: number
  /** When it was admitted, ms since epoch; non-decreasing in `seq`. */
  readonly at: number
  /** Size of the value in bytes: exact for binary, an estimate for structured values. */
  readonly bytes: number
  /** How many functions stand between the request and this object. */
  readonly hops: number
  readonly producer: Producer
  /** Event time, ms since epoch. */
  readonly et?: number
  readonly group?: string
  /** For an object that belongs to several groups; at most 64. */
  readonly groups?: readonly string[]
  readonly role?: string
  /** In a `multi` bucket: counts from 0 per key and session; without a session it is `seq`. Absent elsewhere. */
  readonly occurrence?: number
  /** Small facts that triggers and filters may read. */
  readonly meta?: Readonly<Record<string, unknown>>
}

/** How something ended. */
export type Outcome = 'succeeded' | 'failed' | 'cancelled' | 'expired'

/** An error as a fact: plain data that can be stored and sent. */
export interface ErrorInfo {
  readonly name: string
  readonly message: string
  readonly code?: string
}
