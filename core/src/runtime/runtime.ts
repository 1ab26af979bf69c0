import { checkBucketOptions, type BucketOptions } from '../app/bucket-options.js'
import {
  checkFields,
  duration,
  type FieldCheck,
  flag,
  signal as abortSignal,
  text,
  whole,
} from '../app/fields.js'
import type { BucketHandle, BucketName, FunctionHandle, PutOutcome, UserFact } from '../app/handles.js'
import { checkedIdentifier } from '../app/names.js'
import { checkRoomToWait } from '../bucket/cell-waiting.js'
import { checkPutOptions } from '../bucket/bucket.js'
import type { Partition } from '../bucket/partition.js'
import { asError } from '../error-info.js'
import { StigmergyError } from '../errors.js'
import type { ClusterView, Membership } from '../cluster/join-cluster.js'
import type { SessionPuts } from '../cluster/session-puts.js'
import type { WorkerInfo } from '../node/fleet.js'
import type { FunctionSlot } from '../worker/function-slot.js'
import type { RunningApp } from '../worker/running-app.js'
import type { Worker } from '../worker/worker.js'
import { DeadLetterControl } from './dead-letter-control.js'
import { EventReader } from './event-reader.js'
import type { EventListener, ListenOptions, RuntimeEvent } from './events.js'
import { sessionOver } from '../session/sessions.js'
import { explainEnded, explainLive, explainPartition, explainUnknown } from './explain.js'
import type {
  CloseOptions,
  DeadLetters,
  OpenSession,
  OutsidePutOptions,
  RunningBucket,
  Runtime,
  RuntimeStats,
  Session,
  SessionExplanation,
  SessionOptions,
  TriggerExplanation,
} from './face.js'
import type { Owner } from './owner.js'
import type { Registry, TriggerWarning } from './registry.js'
import { BucketControl } from './running-bucket.js'
import { OpenSessionView, SessionView } from './session-view.js'
import { Closer } from './closer.js'

/** A runtime whose worker is this event loop. */
export class EmbeddedRuntime implements Runtime {
  readonly deadLetters: DeadLetters
  readonly #worker: Worker
  readonly #registry: Registry
  readonly #closer: Closer
  readonly #membership: Membership | undefined
  readonly #fleet: { readonly workers: readonly WorkerInfo[] } | undefined

  constructor(
    worker: Worker,
    registry: Registry,
    owner: Owner,
    readonly warnings: readonly TriggerWarning[],
    fleet: { readonly workers: readonly WorkerInfo[] } | undefined,
    membership?: Membership,
  ) {
    this.#membership = membership
    this.#fleet = fleet
    this.#worker = worker
    this.#registry = registry
    this.#closer = new Closer(worker, owner, membership && (() => membership.close()))
    this.deadLetters = new DeadLetterControl(worker)
  }

  invoke<In, Out>(
    fn: FunctionHandle<In, Out> | string,
    args?: In,
    options: SessionOptions = {},
  ): Session<Out> {
    this.#closer.checkOpen()
    checkSessionOptions(options)
    return new SessionView<Out>(this.#worker, this.#worker.intake.invoke(this.#slot(fn), args, options))
  }

  put(
    bucket: BucketName | string,
    key: string | undefined,
    value: unknown,
    options: OutsidePutOptions = {},
  ): Promise<PutOutcome> {
    try {
      this.#closer.checkOpen()
      const app = this.#appOf(bucket)
      const elsewhere = this.#elsewhere(options)
      if (elsewhere === undefined) return this.#worker.intake.putOutside(app, bucket, key, value, options)
      const { name } = app.bucket(bucket)
      return elsewhere.put({ app: app.name, bucket: name }, key, value, options)
    } catch (error) {
      return Promise.reject(asError(error))
    }
  }

  session(options: SessionOptions = {}): OpenSession {
    this.#closer.checkOpen()
    checkSessionOptions(options)
    const session = this.#worker.sessions.open(options)
    return new OpenSessionView(this.#worker, session, (bucket) => this.#appOf(bucket))
  }

  closed(bucket: BucketName | string, fact: UserFact, options: { readonly session?: string } = {}): void {
    this.#closer.checkOpen()
    checkFields('closed', options, { session: anySession })
    const { session = '' } = options
    const app = this.#appOf(bucket)
    const live = this.#worker.sessions.find(session)
    if (live === undefined)
      throw this.#worker.sessions.isOver(session) ? sessionOver(session) : unknownSession(session)
    this.#worker.intake.tell(app, app.bucket(bucket), fact, live)
  }

  watermark(bucket: BucketName | string, atMs: number, options: { readonly session?: string } = {}): void {
    this.#closer.checkOpen()
    checkFields('watermark', options, { session: anySession })
    const { session } = options
    if (!Number.isFinite(atMs))
      throw new TypeError('watermark(bucket, atMs): atMs must be a number, ms since epoch')
    const told = this.#appOf(bucket)
      .bucket(bucket)
      .cells.flatMap(({ partitions }) => [...partitions])
      .filter(({ name }) => session === undefined || name.session === session)
    for (const partition of told) checkRoomToWait(partition, 'watermark')
    for (const partition of told) partition.cell.watermark(partition, atMs)
  }

  bucket<T = never>(bucket: BucketHandle<T> | string): RunningBucket<T> {
    const app = this.#appOf(bucket)
    return new BucketControl(this.#worker, app, app.bucket(bucket), this.#registry)
  }

  createBucket<T = unknown>(
    name: string,
    given: BucketOptions & { readonly app?: string } = {},
  ): BucketHandle<T> {
    this.#closer.checkOpen()
    checkedIdentifier('a bucket', name)
    if (typeof given !== 'object' || given === null)
      throw new TypeError('createBucket(name, options): options must be an object')
    const { app, ...options } = given
    checkBucketOptions(`bucket ${name}`, options)
    const running = app === undefined ? this.#onlyApp() : this.#appNamed(app)
    if (running.buckets.has(name))
      throw new StigmergyError(
        'STG_CONFIG_NAME',
        `App ${running.name} has a bucket ${JSON.stringify(name)}.`,
        { details: { name } },
      )
    running.addBucket(name, options)
    return { app: running.name, bucket: name }
  }

  explain(subject: {
    readonly trigger: string
    readonly session?: string
    readonly by?: string
  }): readonly TriggerExplanation[]
  explain(subject: { readonly session: string }): SessionExplanation
  explain(subject: {
    readonly trigger?: string
    readonly session?: string
    readonly by?: string
  }): readonly TriggerExplanation[] | SessionExplanation {
    if (subject?.trigger === undefined && subject?.session === undefined)
      throw new TypeError('explain({ trigger }) or explain({ session }): say what is to be explained')
    checkFields('explain', subject, { trigger: text, session: anySession, by: anyText })
    if (subject.trigger !== undefined)
      return this.#partitions(subject.trigger, subject.session, subject.by).map(explainPartition)
    const id = subject.session ?? ''
    const { sessions, explained } = this.#worker
    const live = sessions.find(id)
    if (live !== undefined) return explainLive(live)
    const ended = explained.find(id)
    return ended === undefined ? explainUnknown(id, sessions.isOver(id)) : explainEnded(ended)
  }

  get workers(): readonly WorkerInfo[] {
    return this.#fleet?.workers ?? []
  }

  get cluster(): ClusterView | undefined {
    return this.#membership
  }

  get stats(): RuntimeStats {
    const { counts, store, executor, scheduler, sessions, deadLetters } = this.#worker
    const { objects, bytes } = store.usage
    return {
      objects: {
        put: counts.put,
        duplicates: counts.duplicates,
        bytes: counts.bytes,
        live: objects,
        liveBytes: bytes,
      },
      firings: this.#worker.fired,
      invocations: {
        started: executor.started,
        failed: executor.failed,
        running: scheduler.running,
        queued: this.#worker.queued,
      },
      sessions: { began: sessions.began, live: sessions.size },
      deadLetters: deadLetters.size,
    }
  }

  on(listener: EventListener, options: ListenOptions = {}): Disposable {
    if (typeof listener !== 'function') throw new TypeError('on(listener): listener must be a function')
    checkFields('on', options, { steps: flag })
    return this.#worker.events.subscribe(listener, options)
  }

  events(signal?: AbortSignal): AsyncIterable<RuntimeEvent> {
    checkFields('events', { signal }, { signal: abortSignal })
    const { signal: closed } = this.#closer
    return new EventReader(this.#worker.events, {
      accept: () => true,
      signal: signal === undefined ? closed : AbortSignal.any([signal, closed]),
    })
  }

  async close(options: CloseOptions = {}): Promise<void> {
    checkCloseOptions(options)
    this.#membership?.leave()
    await this.#closer.close(options)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Where a put into the session that it names goes: a session that nobody has begun here is one of the cluster. */
  #elsewhere(options: OutsidePutOptions): SessionPuts | undefined {
    if (this.#membership === undefined) return undefined
    checkPutOptions(options, 'outside')
    const { session = '' } = options
    const { sessions } = this.#worker
    const live = sessions.find(session)
    const isOwn = live === undefined ? sessions.isOver(session) : !live.isOfCluster
    return isOwn ? undefined : this.#membership.sessionPuts
  }

  #slot(fn: FunctionHandle<never> | string): FunctionSlot {
    if (typeof fn !== 'string') {
      if (typeof fn?.fn !== 'string')
        throw new TypeError('invoke(fn, args): fn must be a function handle of an app, or its name')
      return this.#appNamed(fn.app).slot(fn.fn)
    }
    const found = [...this.#worker.apps.values()].filter((app) => app.functions.has(fn))
    return found.length === 1 ? found[0]!.slot(fn) : this.#onlyApp().slot(fn)
  }

  #appOf(bucket: BucketName | string): RunningApp {
    if (typeof bucket === 'string') {
      const found = [...this.#worker.apps.values()].filter((app) => app.buckets.has(bucket))
      return found.length === 1 ? found[0]! : this.#onlyApp()
    }
    if (typeof bucket?.bucket === 'string') return this.#appNamed(bucket.app)
    throw new TypeError('a bucket must be given as the handle that app.bucket returned, or by its name')
  }

  #appNamed(name: string): RunningApp {
    const app = this.#worker.apps.get(name)
    if (app !== undefined) return app
    throw new StigmergyError(
      'STG_CONFIG_NAME',
      `This runtime has no app ${JSON.stringify(name)}; it has ${[...this.#worker.apps.keys()].join(', ')}.`,
      {
        details: { app: name },
      },
    )
  }

  #onlyApp(): RunningApp {
    const [app, ...others] = this.#worker.apps.values()
    if (app !== undefined && others.length === 0) return app
    throw new StigmergyError(
      'STG_CONFIG_NAME',
      'This runtime has several apps: use a handle instead of a name, or say which app.',
    )
  }

  #partitions(trigger: string, session: string | undefined, by: string | undefined): readonly Partition[] {
    const cells = [...this.#worker.cells()]
    const named = cells.filter(({ id }) => id === trigger)
    if (named.length === 0)
      throw new StigmergyError(
        'STG_TRIGGER_UNKNOWN',
        `There is no trigger ${JSON.stringify(trigger)}; there are ${cells.map(({ id }) => id).join(', ') || 'none'}.`,
        { details: { trigger } },
      )
    const ended = session === undefined ? [] : (this.#worker.explained.find(session)?.partitions ?? [])
    const all = [
      ...named.flatMap(({ partitions }) => [...partitions]),
      ...ended.filter(({ cell }) => named.includes(cell)),
    ]
    return all.filter(
      ({ name }) =>
        (session === undefined || name.session === session) && (by === undefined || name.by === by),
    )
  }
}

function checkSessionOptions(options: SessionOptions): void {
  checkFields('the session', options, {
    session: text,
    deadlineMs: duration,
    signal: abortSignal,
  })
}

const anyText: FieldCheck = (value) => (typeof value === 'string' ? undefined : 'a text')
/** Also none, which is the empty name. */
const anySession: FieldCheck = (value) => (typeof value === 'string' ? undefined : 'the name of a session')

function checkCloseOptions(options: CloseOptions): void {
  checkFields('close', options, {
    now: (value) => (typeof value === 'boolean' ? undefined : 'true or false'),
    drainMs: whole(0, 31_536_000_000),
  })
}

function unknownSession(session: string): StigmergyError {
  return new StigmergyError('STG_SESSION_UNKNOWN', `No session ${JSON.stringify(session)} is live.`, {
    details: { session },
  })
}
