import type { AppManifest } from '../app/define-app.js'
import type { PutOutcome } from '../app/handles.js'
import type { TriggerDefinition } from '../bucket/trigger-definition.js'
import { CborCodec, type Codec, MessageCodec } from '../codec.js'
import type { Closed, Outcome } from '../contract/index.js'
import { StigmergyError } from '../errors.js'
import type { SentObject } from './shared-object.js'
import type { Operation } from './decision.js'
import { SharedBucket, type SharedBucketState } from './shared-bucket.js'
import {
  type EndRecord,
  type SentEnd,
  type SentPut,
  type SentReply,
  type SessionStart,
  type SharedSession,
  SharedSessions,
  type SharedSessionState,
} from './shared-sessions.js'

/** What happens in a shard: an entry of its log, with the moment at which the holder took it. */
export type ShardEntry =
  | readonly [kind: 'begin', at: number, start: SessionStart]
  | readonly [kind: 'admitted', at: number, put: SentPut]
  | readonly [kind: 'replied', at: number, session: string, reply: SentReply]
  | readonly [kind: 'ended', at: number, session: string, end: SentEnd, seen: readonly string[] | undefined]
  | readonly [kind: 'cancel', at: number, session: string]
  /** Sessions that ended so long ago are not remembered any more. */
  | readonly [kind: 'forget', at: number, endedUpTo: number]
  | readonly [kind: 'put', at: number, app: string, bucket: string, object: SentObject]
  | readonly [kind: 'tell', at: number, app: string, bucket: string, fact: Closed]
  | readonly [kind: 'item', at: number, app: string, bucket: string, firing: string, fact: Closed]
  | readonly [kind: 'drop', at: number, app: string, bucket: string, session: string]
  | readonly [kind: 'done', at: number, app: string, bucket: string, firing: string, outcome: Outcome]
  | readonly [kind: 'operate', at: number, app: string, bucket: string, operation: Operation]
  | readonly [kind: 'advance', at: number, app: string, bucket: string]

/** What an entry came to, for whoever asked. */
export type EntryOutcome =
  PutOutcome | SharedSession | EndRecord | readonly SharedSession[] | boolean | undefined

/** An app as a coordinator runs it: its triggers, and nothing of its functions. */
export interface SharedApp {
  readonly manifest: AppManifest
  readonly triggers: readonly TriggerDefinition[]
  /** Reads the values that filters and `partitionBy` look at. */
  readonly codec: Codec
}

/** Where a bucket's entries go. */
export type Durability = 'memory' | 'journal'

interface ShardSnapshot {
  readonly format: 1
  readonly sessions: readonly SharedSessionState[]
  readonly buckets: readonly (readonly [app: string, bucket: string, state: SharedBucketState])[]
}

/** More than a trigger ever has in one life. */
const generationsPerLife = 2 ** 20
/** So many ended sessions are forgotten with one entry. */
const mostForgotten = 1_000

const codec = new CborCodec()
const entryCodec = new MessageCodec()

/** All that is decided in one shard: the sessions and the shared buckets that hash to it. The same entries make the same state. */
export class ShardState {
  readonly sessions: SharedSessions
  readonly #apps: ReadonlyMap<string, SharedApp>
  readonly #lifeOf: (app: string, bucket: string) => number
  readonly #buckets = new Map<string, SharedBucket>()
  #isComplete = true

  /**
   * From the beginning, or from a snapshot. `lifeOf` tells the lives of a bucket apart that forgets what it held: what is decided in
   * one must not have the ids of another. 0 for a bucket that forgets nothing.
   */
  constructor(
    apps: ReadonlyMap<string, SharedApp>,
    maxSessions: number,
    lifeOf: (app: string, bucket: string) => number,
    snapshot?: Uint8Array,
  ) {
    this.#apps = apps
    this.#lifeOf = lifeOf
    const { sessions, buckets } = snapshot === undefined ? empty : decodeSnapshot(snapshot)
    this.sessions = new SharedSessions(maxSessions, sessions)
    for (const [app, bucket, data] of buckets)
      if (this.#has(app, bucket)) this.#make(app, bucket, { data, codec })
      else this.#isComplete = false
  }

  /** Whether the log told of no app or bucket that this coordinator does not have: only then a snapshot may take its place. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /** Those that anything was ever put into. */
  get buckets(): Iterable<SharedBucket> {
    return this.#buckets.values()
  }

  /** Throws what the entry is refused with; then it has changed nothing that counts. */
  apply(entry: ShardEntry): EntryOutcome {
    const [kind, at] = entry
    switch (kind) {
      case 'begin':
        return this.sessions.begin(entry[2])
      case 'admitted':
        return void this.sessions.admitted(entry[2])
      case 'replied':
        return this.sessions.replied(entry[2], entry[3])
      case 'ended':
        return this.sessions.ended(at, entry[2], entry[3], entry[4])
      case 'cancel':
        return void this.sessions.cancel(entry[2])
      case 'forget':
        return this.sessions.forget(entry[2], mostForgotten)
      case 'put':
        return this.bucket(entry[2], entry[3]).put(at, entry[4])
      case 'tell':
        return this.bucket(entry[2], entry[3]).tell(at, entry[4])
      case 'item':
        return this.bucket(entry[2], entry[3]).itemFailed(at, entry[4], entry[5])
      case 'drop':
        return void this.bucket(entry[2], entry[3]).dropSession(at, entry[4])
      case 'done':
        return void this.bucket(entry[2], entry[3]).done(at, entry[4], entry[5])
      case 'operate':
        return void this.bucket(entry[2], entry[3]).operate(at, entry[4])
      case 'advance':
        return void this.bucket(entry[2], entry[3]).advance(at)
    }
  }

  /** The shared bucket, made when it is first needed. Throws `STG_BUCKET_UNKNOWN`. */
  bucket(app: string, bucket: string): SharedBucket {
    const found = this.#buckets.get(keyOf(app, bucket))
    if (found !== undefined) return found
    if (this.#has(app, bucket)) return this.#make(app, bucket)
    this.#isComplete = false
    throw unknownBucket(app, bucket)
  }

  /** The sessions, and the buckets that are durable. */
  snapshot(isDurable: (app: string, bucket: string) => boolean): Uint8Array {
    const durable = [...this.#buckets.values()].filter(({ app, name }) => isDurable(app, name))
    const snapshot: ShardSnapshot = {
      format: 1,
      sessions: this.sessions.state,
      buckets: durable.map((bucket) => [bucket.app, bucket.name, bucket.state(codec)] as const),
    }
    return codec.encode(snapshot)
  }

  #has(app: string, bucket: string): boolean {
    return this.#apps.get(app)?.manifest.buckets.has(bucket) ?? false
  }

  #make(
    app: string,
    bucket: string,
    state?: { readonly data: SharedBucketState; readonly codec: CborCodec },
  ): SharedBucket {
    const { manifest, triggers, codec: valueCodec } = this.#apps.get(app)!
    const life = this.#lifeOf(app, bucket)
    const own = triggers
      .filter((trigger) => trigger.bucket === bucket)
      .map((trigger) => ({ ...trigger, generation: trigger.generation + life * generationsPerLife }))
    const { options } = manifest.buckets.get(bucket)!
    const made = new SharedBucket(app, bucket, options, own, valueCodec, this.#apps.size === 1, state)
    this.#buckets.set(keyOf(app, bucket), made)
    return made
  }
}

export function encodeShardEntry(entry: ShardEntry): Uint8Array {
  return entryCodec.encode(entry)
}

export function decodeShardEntry(bytes: Uint8Array): ShardEntry {
  return entryCodec.decode(bytes) as ShardEntry
}

const empty: Pick<ShardSnapshot, 'sessions' | 'buckets'> = { sessions: [], buckets: [] }

function decodeSnapshot(bytes: Uint8Array): ShardSnapshot {
  const snapshot = codec.decode(bytes) as Partial<ShardSnapshot> | null
  if (snapshot?.format === 1) return snapshot as ShardSnapshot
  throw new StigmergyError('STG_STATE_VERSION', 'The journal of a shard was written by another version.')
}

function keyOf(app: string, bucket: string): string {
  return JSON.stringify([app, bucket])
}

function unknownBucket(app: string, bucket: string): StigmergyError {
  return new StigmergyError(
    'STG_BUCKET_UNKNOWN',
    `This coordinator runs no app ${JSON.stringify(app)} with a bucket ${JSON.stringify(bucket)}; start it with the same apps as the nodes.`,
    { details: { app, bucket } },
  )
}
