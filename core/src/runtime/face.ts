import type { ClusterView } from '../cluster/join-cluster.js'
import type { WorkerInfo } from '../node/fleet.js'
import type { BucketOptions } from '../app/bucket-options.js'
import type {
  BucketHandle,
  BucketName,
  FunctionHandle,
  PutOptions,
  PutOutcome,
  UserFact,
} from '../app/handles.js'
import type { TriggerOptions } from '../app/trigger-options.js'
import type { LedgerEntry } from '../bucket/ledger.js'
import type {
  Disposition,
  ErrorInfo,
  ObjectRef,
  Outcome,
  PartitionName,
  Status,
  Unsatisfied,
} from '../contract/index.js'
import type { TriggerSpec } from '../primitive.js'
import type { TriggerWarning } from './registry.js'
import type { EventListener, ListenOptions, RuntimeEvent } from './events.js'

/** How a session ended. */
export interface SessionEnd {
  readonly outcome: Outcome
  /** Why, unless it succeeded. */
  readonly error?: Error
}

/** Everything one request causes. */
export interface Session<out Out = unknown> {
  readonly id: string
  /**
   * Resolves to the first reply as soon as it is given, or to undefined when the session ends without one. Rejects with the
   * failure, with `STG_SESSION_CANCELLED` or with `STG_SESSION_EXPIRED`.
   */
  readonly result: Promise<Out>
  /** Resolves when nothing of the session runs or waits any more. Never rejects. */
  readonly ended: Promise<SessionEnd>
  /** Ends the session now: aborts what runs, drops what is queued, disposes what is held. */
  cancel(reason?: unknown): void
  /** What happens in this session from now on; ends with it. */
  events(): AsyncIterable<RuntimeEvent>
}

/** A session that stays open for puts from outside until `end` is called. Disposing it ends it. */
export interface OpenSession extends Session, AsyncDisposable {
  put<T>(
    bucket: BucketHandle<T>,
    key: string | undefined,
    value: NoInfer<T>,
    options?: PutOptions,
  ): Promise<PutOutcome>
  closed(bucket: BucketName, fact: UserFact): void
  /** No more puts come from outside. Resolves when the session has ended. */
  end(): Promise<SessionEnd>
}

export interface SessionOptions {
  /** The session's name. Default: a new unique one. */
  readonly session?: string
  /** ms until the session is ended as `expired`. Default none. */
  readonly deadlineMs?: number
  /** Cancels the session. */
  readonly signal?: AbortSignal
}

export interface OutsidePutOptions extends PutOptions {
  /** The session that the object belongs to, opened if need be. Default: none, so that only bucket-scoped triggers join it with others. */
  readonly session?: string
}

/** A trigger of a running bucket. */
export interface RunningTrigger {
  readonly id: string
  readonly name: string
  readonly primitive: string
  readonly target: string
  readonly paused: boolean
  readonly partitions: number
  readonly ledger: LedgerEntry
  /** Events wait, in order, until `resume`. */
  pause(): void
  /** Also lets partitions that halted after a fault try again. */
  resume(): void
  /** Fires what is held, as the primitive sees fit. Throws `STG_TRIGGER_BUSY` when it is paused and too much waits. */
  flush(): void
  /** Disposes what is held. */
  reset(): void
  /** Replaces the options and keeps the state. The trigger's generation rises. Throws `STG_OPTIONS_INVALID`. */
  change(spec: TriggerSpec): void
}

export type BucketState = 'open' | 'sealed' | 'draining' | 'deleted'

/** A bucket of a running app. */
export interface RunningBucket<in T = never> {
  readonly name: string
  readonly state: BucketState
  readonly triggers: readonly RunningTrigger[]
  /** Throws `STG_TRIGGER_UNKNOWN`. */
  trigger(name: string): RunningTrigger
  /** Adds a trigger; `since` in the options says which objects it sees. */
  add(spec: TriggerSpec, target: FunctionHandle<T> | string, options?: TriggerOptions<T>): RunningTrigger
  /** `drain` (default) lets what is held fire until nothing is; `discard` disposes it as `trigger-removed`. */
  remove(name: string, how?: 'drain' | 'discard'): Promise<void>
  /** Takes no more puts. */
  seal(): void
  /** Seals, flushes every trigger, and resolves when nothing is held or runs. */
  drain(): Promise<void>
  /** Throws `STG_BUCKET_PENDING` while objects are held, unless told to discard them. */
  delete(how?: 'discard'): void
}

/** Why a trigger stands where it stands. */
export interface TriggerExplanation {
  readonly trigger: string
  readonly primitive: string
  readonly partition: PartitionName
  readonly phase: 'open' | 'paused' | 'halted' | 'over'
  readonly status: Status
  readonly timers: Readonly<Record<string, number>>
  readonly ledger: LedgerEntry
  /** The last steps, oldest first. */
  readonly steps: readonly StepExplanation[]
  /** What would make it fire, or why it cannot, in sentences. */
  readonly says: readonly string[]
}

/** One step of a partition as a replay shows it. */
export interface StepExplanation {
  readonly at: number
  /** Such as `object left`, `timer window` or `closed items`. */
  readonly event: string
  readonly outcome: 'fired' | 'held' | 'disposed' | 'ignored'
  /** The keys of each firing. */
  readonly fired: readonly (readonly string[])[]
  readonly disposed: readonly { readonly key: string; readonly reason: Disposition }[]
  /** Why the round can never fire, when this step has found that out. */
  readonly unsatisfied?: Unsatisfied
  /** What was awaited after the step. */
  readonly awaiting: Status['awaiting']
}

export interface SessionExplanation {
  readonly session: string
  readonly state: 'live' | 'over' | 'unknown'
  readonly end?: { readonly outcome: Outcome; readonly error?: ErrorInfo }
  readonly running: readonly { readonly fn: string; readonly invocation: string; readonly attempt: number }[]
  readonly queued: number
  readonly triggers: readonly TriggerExplanation[]
  readonly says: readonly string[]
}

/** Something that could not be delivered, kept for a person to look at. */
export type DeadLetter = {
  readonly id: string
  readonly at: number
  readonly session: string
  readonly objects: readonly ObjectRef[]
  /** The values, by position in `objects`. */
  readonly values: readonly unknown[]
} & (
  | {
      readonly kind: 'firing'
      readonly fn: string
      readonly firing: string
      readonly attempts: number
      readonly error: ErrorInfo
    }
  | { readonly kind: 'object'; readonly trigger: string; readonly reason: Disposition }
)

export interface DeadLetters {
  readonly size: number
  /** Letters that had to make room for newer ones. */
  readonly dropped: number
  list(): readonly DeadLetter[]
  /**
   * Runs the function of a firing again, or puts a late object again, in a new session, and forgets the letter.
   * Throws `STG_DEAD_LETTER_UNKNOWN`.
   */
  redrive(id: string): Session
  discard(id: string): void
}

/** What a runtime has done since its start, and what it holds. */
export interface RuntimeStats {
  readonly objects: {
    readonly put: number
    readonly duplicates: number
    readonly bytes: number
    readonly live: number
    readonly liveBytes: number
  }
  readonly firings: number
  readonly invocations: {
    readonly started: number
    readonly failed: number
    readonly running: number
    readonly queued: number
  }
  readonly sessions: { readonly began: number; readonly live: number }
  readonly deadLetters: number
}

export interface CloseOptions {
  /** Cancel at once instead of letting work finish. Default false. */
  readonly now?: boolean
  /** ms to let work finish before it is cancelled. Default 30,000. */
  readonly drainMs?: number
}

/** A running runtime. Several run side by side in one process without knowing of each other. */
export interface Runtime extends AsyncDisposable {
  /** Begins a session with a run of the function. Throws for wrong names at once; everything later goes to the session. */
  invoke<In, Out>(fn: FunctionHandle<In, Out>, args: NoInfer<In>, options?: SessionOptions): Session<Out>
  invoke(fn: string, args?: unknown, options?: SessionOptions): Session
  /** Puts an object from outside. Rejects as `put` in a function throws. */
  put<T>(
    bucket: BucketHandle<T>,
    key: string | undefined,
    value: NoInfer<T>,
    options?: OutsidePutOptions,
  ): Promise<PutOutcome>
  put(
    bucket: string,
    key: string | undefined,
    value: unknown,
    options?: OutsidePutOptions,
  ): Promise<PutOutcome>
  /** Opens a session for several puts from outside, or takes over one that `put` has opened by name, so that it can be ended. */
  session(options?: SessionOptions): OpenSession
  /**
   * Tells the triggers of a bucket that something has ended, in a session or, without one, in the bucket. Throws `STG_TRIGGER_BUSY`,
   * and tells none, when one of them is paused or halted and as many facts wait as it may hold objects.
   */
  closed(bucket: BucketName | string, fact: UserFact, options?: { readonly session?: string }): void
  /** Tells the triggers of a bucket that event time has reached `atMs`: nothing older is to be expected. Throws as `closed` does. */
  watermark(bucket: BucketName | string, atMs: number, options?: { readonly session?: string }): void
  bucket<T>(bucket: BucketHandle<T>): RunningBucket<T>
  bucket(bucket: string): RunningBucket
  /** Adds a bucket to the running app. */
  createBucket<T = unknown>(
    name: string,
    options?: BucketOptions & { readonly app?: string },
  ): BucketHandle<T>
  /** Why a trigger fired, why not, what it waits for. Throws `STG_TRIGGER_UNKNOWN`. */
  explain(subject: {
    readonly trigger: string
    readonly session?: string
    readonly by?: string
  }): readonly TriggerExplanation[]
  /** What a session waits for. */
  explain(subject: { readonly session: string }): SessionExplanation
  /** What may go wrong with the triggers although their options are valid. */
  readonly warnings: readonly TriggerWarning[]
  readonly deadLetters: DeadLetters
  readonly stats: RuntimeStats
  /** The workers that run its functions; none when they run on this event loop. */
  readonly workers: readonly WorkerInfo[]
  /** Its part in the cluster that its config names; undefined without one. */
  readonly cluster: ClusterView | undefined
  /** Calls `listener` for everything that happens, until disposed. */
  on(listener: EventListener, options?: ListenOptions): Disposable
  /** What happens from now on. */
  events(signal?: AbortSignal): AsyncIterable<RuntimeEvent>
  /** Takes no more work, lets what runs finish, fires what bucket-scoped triggers hold, and frees everything. */
  close(options?: CloseOptions): Promise<void>
}
