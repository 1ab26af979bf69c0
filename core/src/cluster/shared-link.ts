import type { PutOutcome } from '../app/handles.js'
import type { SharedTriggers } from '../bucket/bucket.js'
import type { StoredObject } from '../bucket/stored-object.js'
import { isListening, type TriggerDefinition } from '../bucket/trigger-definition.js'
import type { Closed, ObjectRef } from '../contract/index.js'
import { asError } from '../error-info.js'
import type { PutAnswer } from './cluster-messages.js'
import type { LossWatch } from './loss-watch.js'
import type { Luggage } from './luggage.js'
import { shardOf } from './rendezvous.js'
import type { ShardCaller } from './shard-caller.js'
import { isShared } from './shared-bucket.js'

export interface SharedLinkParts {
  readonly caller: ShardCaller
  readonly luggage: Luggage
  readonly losses: LossWatch
  readonly shards: number
  /** Ends what is under way when this node may not act any more. */
  readonly signal: AbortSignal
}

/** A bucket's shared triggers as a node sees them: what concerns them goes to the holder of the bucket's shard. */
export class SharedLink implements SharedTriggers {
  readonly hears: boolean
  readonly hasAny: boolean
  readonly #parts: SharedLinkParts
  readonly #app: string
  readonly #bucket: string
  readonly #shard: number
  readonly #isKnown: boolean
  readonly #dropsCancelled: boolean

  constructor(app: string, bucket: string, triggers: readonly TriggerDefinition[], parts: SharedLinkParts) {
    const shared = triggers.filter((definition) => isShared({ definition }))
    this.#parts = parts
    this.#app = app
    this.#bucket = bucket
    this.#shard = shardOf(parts.shards, 'bucket', app, bucket)
    this.#isKnown = triggers.length > 0
    this.hasAny = shared.length > 0
    this.hears = shared.some((definition) => isListening(definition, 'invocation'))
    this.#dropsCancelled = shared.some(({ common }) => common.dropCancelled)
  }

  concerns(session: string): boolean {
    return session === '' ? this.#isKnown : this.hasAny
  }

  async offer(object: StoredObject): Promise<PutOutcome> {
    const { caller, luggage, losses, signal } = this.#parts
    const value = luggage.pack(object.handle, object.bytes)
    const ref = plainRef(object)
    const place = { app: this.#app, bucket: this.#bucket }
    try {
      return await losses.put({ ...ref, ...place }, async (settle) => {
        const message = ['put', this.#shard, this.#app, this.#bucket, { ref, value, settle }] as const
        return (await caller.call(this.#shard, message, signal)) as PutAnswer
      })
    } catch (error) {
      luggage.reclaim(value)
      throw error
    }
  }

  async tell(fact: Closed): Promise<boolean> {
    if (!this.hasAny) return false
    return (await this.#send(['tell', this.#shard, this.#app, this.#bucket, fact])) === true
  }

  async itemFailed(firing: string, fact: Closed): Promise<boolean> {
    return (await this.#send(['item', this.#shard, this.#app, this.#bucket, firing, fact])) === true
  }

  drop(session: string): void {
    if (this.#dropsCancelled) void this.#send(['drop', this.#shard, this.#app, this.#bucket, session])
  }

  /** What is refused is a warning; undefined then. */
  async #send(message: Parameters<ShardCaller['call']>[1]): Promise<unknown> {
    const { caller, signal } = this.#parts
    try {
      return await caller.call(this.#shard, message, signal)
    } catch (error) {
      if (!signal.aborted) process.emitWarning(asError(error))
      return undefined
    }
  }
}

const rareFields = ['et', 'group', 'groups', 'role', 'occurrence', 'meta'] as const

/** The reference alone, as plain data. */
export function plainRef(object: ObjectRef): ObjectRef {
  const { bucket, session, key, seq, at, bytes, hops, producer } = object
  const plain: ObjectRef = { bucket, session, key, seq, at, bytes, hops, producer }
  for (const name of rareFields)
    if (object[name] !== undefined) Object.assign(plain, { [name]: object[name] })
  return plain
}
