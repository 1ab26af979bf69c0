import type { BucketName, PutOptions, PutOutcome } from '../app/handles.js'
import { checkedName } from '../app/names.js'
import { sizeOf } from '../bucket/stored-object.js'
import type { OutsidePutOptions } from '../runtime/face.js'
import { checkedSessionName } from '../session/sessions.js'
import type { Luggage } from './luggage.js'
import { shardOf } from './rendezvous.js'
import type { ShardCaller } from './shard-caller.js'
import type { SentPut } from './shared-sessions.js'

export interface SessionPutsParts {
  readonly caller: ShardCaller
  readonly luggage: Luggage
  readonly shards: number
  /** Of this member: makes the names of its puts its own. */
  readonly id: string
  /** Ends what is under way. */
  readonly signal?: AbortSignal
}

/** Puts of this member into sessions of the cluster, by their names. */
export class SessionPuts {
  readonly #parts: SessionPutsParts
  #count = 0

  constructor(parts: SessionPutsParts) {
    this.#parts = parts
  }

  /** Options are checked. Rejects as `put` in a function throws. */
  async put(
    bucket: BucketName,
    key: string | undefined,
    value: unknown,
    { session = '', ...options }: OutsidePutOptions,
  ): Promise<PutOutcome> {
    const { luggage, caller, shards, signal } = this.#parts
    const about = this.#describe(checkedSessionName(session), bucket, key, options)
    const sent = await luggage.packValue(value)
    const shard = shardOf(shards, 'session', session)
    let outcome: PutOutcome | undefined
    try {
      const put: SentPut = { ...about, value: sent, bytes: sizeOf(value) }
      return (outcome = (await caller.call(shard, ['enter', shard, put], signal)) as PutOutcome)
    } finally {
      if (outcome !== 'admitted') luggage.reclaim(sent) // else it is wanted for as long as the session may run again
    }
  }

  #describe(
    session: string,
    { app, bucket }: BucketName,
    key: string | undefined,
    options: PutOptions,
  ): Omit<SentPut, 'value' | 'bytes'> {
    this.#count += 1
    const { producer: name } = options
    const invocation = `${this.#parts.id}/${this.#count.toString(36)}`
    const producer = { fn: '', invocation, attempt: 1, ...(name === undefined ? {} : { name }) }
    const keyIsOwn = key === undefined
    const named = keyIsOwn ? `${invocation}/0` : checkedName('key', key)
    return { session, app, bucket, key: named, keyIsOwn, producer, options }
  }
}
