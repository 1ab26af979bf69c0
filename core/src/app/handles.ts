import type { Closed, ObjectRef } from '../contract/index.js'

declare const input: unique symbol
declare const output: unique symbol
declare const content: unique symbol

/** A function of an app, as `app.fn` returned it. `In` is the value type it takes, `Out` what its sessions reply. */
export interface FunctionHandle<in In = unknown, out Out = unknown> {
  readonly app: string
  readonly fn: string
  readonly [input]?: (value: In) => void
  readonly [output]?: Out
}

/** A bucket of an app, as `app.bucket` returned it. `T` is the type of its values. */
export interface BucketHandle<in out T = unknown> extends BucketName {
  readonly [content]?: (value: T) => T
}

/** Any bucket of an app, where the type of its values does not matter. */
export interface BucketName {
  readonly app: string
  readonly bucket: string
}

/** An object and its value, as a function gets it. */
export interface InputObject<out T = unknown> extends ObjectRef {
  /** The value itself, not a copy: treat it as immutable. Throws `STG_OBJECT_RELEASED` after the object has been freed. */
  readonly value: T
}

/** What a function is run with: the objects of one firing, or the arguments of a request. */
export interface Fired<out T = unknown> {
  /** The firing's id: the same for every attempt, the same after a restart. */
  readonly id: string
  readonly objects: readonly InputObject<T>[]
  /** The value of the only object. Throws a `TypeError` when there are none or several. */
  readonly value: T
  /** The trigger, `<bucket>.<trigger>`; undefined for a request. */
  readonly trigger: string | undefined
  /** Whether the firing has less than a full round. */
  readonly partial: boolean
  readonly missing: readonly string[]
  readonly window: { readonly start: number; readonly end: number } | undefined
  readonly cause: string | undefined
  readonly meta: Readonly<Record<string, unknown>>
}

/** How a put ended: `late` means that the session or the round was over, so that no trigger took the object. */
export type PutOutcome = 'admitted' | 'duplicate' | 'late'

export interface PutOptions {
  /** For shuffles: the group or, up to 64, the groups that the object belongs to. */
  readonly group?: string | readonly string[]
  /** What the object is to a primitive that tells roles apart, such as `item`. Part of the identity. */
  readonly role?: string
  /** Event time, ms since epoch. */
  readonly et?: number
  /** The producer's declared name. Default: the invocation. */
  readonly producer?: string
  /** Small facts that triggers and filters may read. */
  readonly meta?: Readonly<Record<string, unknown>>
  /** In a `multi` bucket: puts of one key and one id are one object. */
  readonly id?: string
}

/** A fact for the triggers of a bucket; `outcome` is `succeeded` unless it says otherwise. */
export type UserFact =
  | { readonly scope: 'items'; readonly expected?: number }
  | {
      readonly scope: 'producer' | 'group' | 'input'
      readonly name: string
      readonly outcome?: Closed['outcome']
    }

/** What a function can do. The methods may be taken off the object: `({ put, reply }) => …`. */
export interface FunctionContext<in Out = unknown> {
  readonly session: string
  /** Counts from 1. */
  readonly attempt: number
  /** Aborts when the session ends, the attempt times out or its work cannot matter any more. */
  readonly signal: AbortSignal
  /**
   * Puts an object into a bucket, in this session. Without a key one is made of the invocation and a count, the same in
   * every attempt. Await it: it waits while the store has no room. Throws `STG_OBJECT_KEY_CONFLICT`, `STG_TRIGGER_BUSY`,
   * `STG_BUCKET_SEALED`, `STG_STORE_FULL`, `STG_FUNCTION_FENCED`.
   */
  readonly put: <T>(
    bucket: BucketHandle<T>,
    key: string | undefined,
    value: NoInfer<T>,
    options?: PutOptions,
  ) => Promise<PutOutcome>
  /** Gives the session its result. The first reply counts; the function may go on. */
  readonly reply: (value: Out) => void
  /**
   * Room for `bytes` bytes, filled with zeros, to be filled and then put: in a runtime with workers that put copies nothing, and other
   * workers read the bytes in place. Not to be written after the put.
   */
  readonly allocate: (bytes: number) => Promise<Uint8Array>
  /** Tells the triggers of a bucket that something has ended. In a runtime with workers, a fact that is refused fails the function. */
  readonly closed: (bucket: BucketName, fact: UserFact) => void
}

/** User code. What it returns is ignored: results go through `reply` and `put`. */
export type Handler<In, Out> = (fired: Fired<In>, context: FunctionContext<Out>) => void | Promise<void>
