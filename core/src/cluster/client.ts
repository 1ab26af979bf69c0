import type { BucketHandle, BucketName, FunctionHandle, PutOutcome } from '../app/handles.js'
import { checkFields, duration, signal as abortSignal, text } from '../app/fields.js'
import { checkedName } from '../app/names.js'
import { checkPutOptions } from '../bucket/bucket.js'
import { sizeOf } from '../bucket/stored-object.js'
import type { Clock } from '../clock.js'
import type { Codec } from '../codec.js'
import type { ClusterMember, ObjectRef, ObjectStore, ValuePort } from '../contract/index.js'
import { asError } from '../error-info.js'
import { StigmergyError } from '../errors.js'
import type { Ids } from '../ids.js'
import { LazyPromise } from '../lazy-promise.js'
import { receivedError } from '../node/sent-error.js'
import type { Owner } from '../runtime/owner.js'
import type { OutsidePutOptions, Session, SessionEnd, SessionOptions } from '../runtime/face.js'
import { Calls } from './calls.js'
import type { AwaitAnswer, ClusterMessage, PutAnswer } from './cluster-messages.js'
import { askForStatus, type ClusterStatus } from './cluster-status.js'
import { LossWatch } from './loss-watch.js'
import { Luggage } from './luggage.js'
import { Members } from './members.js'
import { CallingTrigger, type RemoteTrigger } from './remote-trigger.js'
import { shardOf } from './rendezvous.js'
import { SessionPuts } from './session-puts.js'
import type { ClusterSettings } from './settings.js'
import { ShardCaller } from './shard-caller.js'
import { ShardMap } from './shard-map.js'
import type { LostObjects } from './unsettled-puts.js'
import type { SentRequest } from './shared-sessions.js'

/** A session of the cluster, as a client sees it. */
export type RemoteSession<Out = unknown> = Pick<Session<Out>, 'id' | 'result' | 'ended' | 'cancel'>

/** A connection to a cluster, from any process. */
export interface ClusterClient extends AsyncDisposable {
  /**
   * Has a function run on some node. The request is kept by the cluster: it runs again when its node is lost, and its reply is given once.
   */
  invoke<In, Out>(
    fn: FunctionHandle<In, Out>,
    args: NoInfer<In>,
    options?: SessionOptions,
  ): RemoteSession<Out>
  /**
   * Puts an object: into the session that the options name, which begins with it if need be, or into none, for triggers of bucket scope.
   * What a session has admitted it gets again when it runs again. Rejects as `put` in a function throws.
   */
  put<T>(
    bucket: BucketHandle<T>,
    key: string | undefined,
    value: NoInfer<T>,
    options?: OutsidePutOptions,
  ): Promise<PutOutcome>
  /** A session by its name, wherever it was asked for. */
  session(id: string): RemoteSession
  /** A trigger of bucket scope by its name on the bucket, which is its function's if it was given none. */
  trigger(bucket: BucketName, name: string): RemoteTrigger
  /**
   * What the cluster is and does at this moment. Who does not answer in time is there as it was last known. Rejects with
   * `STG_CLUSTER_UNAVAILABLE`.
   */
  status(): Promise<ClusterStatus>
  /** Sessions go on without it. */
  close(): Promise<void>
}

export interface ClientParts {
  readonly member: ClusterMember
  readonly settings: ClusterSettings
  readonly store: ObjectStore
  readonly codec: Codec
  readonly values: ValuePort | undefined
  readonly ids: Ids
  readonly clock: Clock
  readonly steadyClock: Clock
  /** What was opened for it, and is closed with it. */
  readonly owner: Owner
  /** What was put from here into the memory of a coordinator is gone with it. */
  readonly onLost: (lost: LostObjects) => void
}

/** Asks the holders of shards, wherever they are, and asks again until there is an answer. */
export class CallingClient implements ClusterClient {
  readonly #parts: ClientParts
  readonly #id: string
  readonly #calls: Calls<ClusterMessage>
  readonly #caller: ShardCaller
  readonly #coordinators: Members
  readonly #map: ShardMap
  readonly #luggage: Luggage
  readonly #losses: LossWatch
  readonly #sessionPuts: SessionPuts
  #puts = 0

  constructor(parts: ClientParts) {
    const { member, settings, steadyClock, ids } = parts
    const { register, transport } = member
    const { leaseMs, retryMs, callMs, maxCalls } = settings
    this.#parts = parts
    this.#id = ids.session()
    const { inlineBytes } = settings
    const { maxRecordBytes } = member.journal
    this.#luggage = new Luggage({ ...parts, node: () => this.#calls.address, inlineBytes, maxRecordBytes })
    this.#calls = new Calls<ClusterMessage>({
      transport,
      clock: steadyClock,
      address: `client.${this.#id}`,
      maxCalls,
      timeoutMs: callMs,
      answer: async (message) => {
        if (message[0] === 'settled') this.#losses.settled(message[1], message[2], message[3])
        if (message[0] === 'reclaim') this.#luggage.reclaimAll(message[1])
      },
    })
    const onChange = (): void => {
      this.#losses.look()
      this.#caller.changed()
    }
    this.#coordinators = new Members({
      ...{ register, clock: steadyClock, leaseMs, prefix: 'coordinators', onChange },
    })
    this.#map = new ShardMap(register, onChange)
    const { address } = this.#calls
    this.#losses = new LossWatch({ map: this.#map, shards: settings.shards, address, onLost: parts.onLost })
    this.#caller = new ShardCaller({
      calls: this.#calls,
      clock: steadyClock,
      coordinators: this.#coordinators,
      map: this.#map,
      retryMs,
    })
    const { shards } = settings
    this.#sessionPuts = new SessionPuts({
      caller: this.#caller,
      luggage: this.#luggage,
      shards,
      id: this.#id,
    })
  }

  async open(): Promise<void> {
    await this.#calls.open()
    await Promise.all([this.#map.open(), this.#coordinators.open()])
  }

  invoke<In, Out>(fn: FunctionHandle<In, Out>, args: In, options: SessionOptions = {}): RemoteSession<Out> {
    if (typeof fn?.fn !== 'string' || typeof fn.app !== 'string')
      throw new TypeError('invoke(fn, args): fn must be a function handle of an app')
    checkFields('the session', options, { session: text, deadlineMs: duration, signal: abortSignal })
    const id = options.session ?? this.#parts.ids.session()
    checkedName('session', id)
    const session = this.#follow<Out>(id)
    const { signal } = options
    if (signal?.aborted === true) session.cancel(signal.reason)
    else signal?.addEventListener('abort', () => session.cancel(signal.reason), { once: true })
    session.asked = this.#request(session, fn, args, options)
    return session
  }

  async put<T>(
    { app, bucket }: BucketHandle<T>,
    key: string | undefined,
    value: T,
    options: OutsidePutOptions = {},
  ): Promise<PutOutcome> {
    checkPutOptions(options, 'outside')
    const { session = '' } = options
    if (session !== '') return this.#sessionPuts.put({ app, bucket }, key, value, options)
    this.#puts += 1
    const invocation = `${this.#id}/${this.#puts.toString(36)}`
    const { producer: name, group, id, session: _none, ...facts } = options
    const named = key === undefined ? (id ?? `${invocation}/0`) : checkedName('key', key)
    const producer = { fn: '', invocation, attempt: 1, ...(name === undefined ? {} : { name }) }
    const ref: ObjectRef = {
      ...{ bucket, session: '', key: named, seq: 0, at: this.#parts.clock.now(), bytes: sizeOf(value) },
      ...{ hops: 0, producer, ...facts },
      ...(typeof group === 'string' ? { group } : group === undefined ? {} : { groups: group }),
    }
    const shard = shardOf(this.#parts.settings.shards, 'bucket', app, bucket)
    const sent = await this.#luggage.packValue(value)
    return this.#losses.put({ ...ref, app }, async (settle) => {
      const object = { ref, value: sent, settle }
      return (await this.#caller.call(shard, ['put', shard, app, bucket, object])) as PutAnswer
    })
  }

  session(id: string): RemoteSession {
    checkedName('session', id)
    const session = this.#follow(id)
    void this.#watch(session)
    return session
  }

  trigger({ app, bucket }: BucketName, name: string): RemoteTrigger {
    checkedName('trigger', name)
    const shard = shardOf(this.#parts.settings.shards, 'bucket', app, bucket)
    return new CallingTrigger(`${bucket}.${name}`, [shard, app, bucket], this.#caller)
  }

  status(): Promise<ClusterStatus> {
    const { member, steadyClock: clock, settings } = this.#parts
    const { leaseMs, shards } = settings
    const common = { register: member.register, clock, leaseMs, onChange: () => undefined }
    const nodes = new Members({ ...common, prefix: 'nodes' })
    return askForStatus({
      calls: this.#calls,
      nodes,
      coordinators: this.#coordinators,
      map: this.#map,
      shards,
    })
  }

  async close(): Promise<void> {
    this.#caller.close()
    await Promise.all([this.#coordinators.close(), this.#map.close()])
    await this.#calls.close()
    await this.#parts.owner.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #watch(session: FollowedSession<unknown>): Promise<void> {
    try {
      await session.watch()
    } catch (error) {
      session.fail(asError(error))
    }
  }

  #follow<Out>(id: string): FollowedSession<Out> {
    const shard = shardOf(this.#parts.settings.shards, 'session', id)
    return new FollowedSession<Out>(id, shard, this.#caller, this.#luggage)
  }

  async #request(
    session: FollowedSession<unknown>,
    { app, fn }: FunctionHandle<never>,
    args: unknown,
    { deadlineMs }: SessionOptions,
  ): Promise<void> {
    const at = this.#parts.clock.now()
    try {
      const value = await this.#luggage.packValue(args)
      const deadlineAt = deadlineMs === undefined ? undefined : at + deadlineMs
      const request: SentRequest = {
        session: session.id,
        app,
        fn,
        args: value,
        at,
        bytes: sizeOf(args),
        deadlineAt,
      }
      await this.#caller.call(session.shard, ['request', session.shard, request])
      void this.#watch(session).then(() => this.#luggage.reclaim(value))
    } catch (error) {
      session.fail(asError(error))
    }
  }
}

/** Asks what becomes of a session until it has ended. */
class FollowedSession<Out> implements RemoteSession<Out> {
  /** Resolves when the cluster knows the session. */
  asked: Promise<void> = Promise.resolve()
  readonly #caller: ShardCaller
  readonly #luggage: Luggage
  readonly #reply = new LazyPromise<unknown>()
  readonly #ended = new LazyPromise<SessionEnd>()

  constructor(
    readonly id: string,
    readonly shard: number,
    caller: ShardCaller,
    luggage: Luggage,
  ) {
    this.#caller = caller
    this.#luggage = luggage
  }

  get result(): Promise<Out> {
    return this.#reply.promise as Promise<Out>
  }

  get ended(): Promise<SessionEnd> {
    return this.#ended.promise
  }

  cancel(_reason?: unknown): void {
    void this.#cancel()
  }

  async #cancel(): Promise<void> {
    await this.asked
    if (this.#ended.settled) return
    try {
      await this.#caller.call(this.shard, ['cancel', this.shard, this.id])
    } catch (error) {
      if (!StigmergyError.is(error, 'STG_CLOSED')) this.fail(asError(error))
    }
  }

  fail(error: Error): void {
    this.#reply.reject(error)
    this.#ended.resolve({ outcome: 'failed', error })
  }

  /** Resolves when it has ended. */
  async watch(): Promise<void> {
    let what: 'reply' | 'end' = 'reply'
    for (;;) {
      const { reply, end } = (await this.#caller.call(this.shard, [
        'await',
        this.shard,
        this.id,
        what,
      ])) as AwaitAnswer
      if (what === 'reply' && reply !== undefined) {
        what = 'end'
        if ('error' in reply) this.#reply.reject(receivedError(reply.error))
        else this.#reply.resolve(await this.#luggage.unpackValue(reply.value))
      }
      if (end === undefined) continue
      const error = end.error === undefined ? {} : { error: receivedError(end.error) }
      if (error.error === undefined) this.#reply.resolve(undefined)
      else this.#reply.reject(error.error)
      return this.#ended.resolve({ outcome: end.outcome, ...error })
    }
  }
}
