import type {
  BucketHandle,
  BucketName,
  FunctionContext,
  PutOptions,
  PutOutcome,
  UserFact,
} from '../app/handles.js'
import type { Producer } from '../contract/index.js'
import { StigmergyError } from '../errors.js'
import type { ArmedTimer } from '../timer-queue.js'
import type { Invocation } from './invocation.js'
import type { WaitingPut } from './waiting-put.js'

/** What an attempt asks of its worker. */
export interface AttemptHost {
  put(
    attempt: Attempt,
    bucket: BucketName,
    key: string | undefined,
    value: unknown,
    options?: PutOptions,
  ): Promise<PutOutcome>
  reply(attempt: Attempt, value: unknown): void
  allocate(bytes: number): Promise<Uint8Array>
  closed(attempt: Attempt, bucket: BucketName, fact: UserFact): void
}

/** `fenced`: given up, so that what it still does has no effect. */
export type AttemptPhase = 'running' | 'ended' | 'fenced'

/** Where the function of an attempt runs, when that is not here. */
export interface FarSide {
  /** The attempt is given up; without a reason because it is not needed any more. */
  abort(reason: unknown): void
}

/** One attempt of an invocation, and the context that its function gets. Methods are bound when they are first asked for. */
export class Attempt implements FunctionContext {
  phase: AttemptPhase = 'running'
  timeout: ArmedTimer | undefined
  farSide: FarSide | undefined
  /** Puts that had to wait for room; the attempt does not end before them. */
  waitingPuts: WaitingPut[] | undefined
  readonly #host: AttemptHost
  #controller: AbortController | undefined
  #fencedFor: unknown
  #producer: Producer | undefined
  #ordinal = 0
  #keyPrefix: string | undefined
  #put: FunctionContext['put'] | undefined

  constructor(
    readonly invocation: Invocation,
    /** Counts from 1. */
    readonly attempt: number,
    host: AttemptHost,
    /** Whether it runs on another node, which has slots and time limits of its own. */
    readonly isAway = false,
  ) {
    this.#host = host
  }

  get session(): string {
    return this.invocation.home.id
  }

  get signal(): AbortSignal {
    if (this.#controller !== undefined) return this.#controller.signal
    this.#controller = new AbortController()
    if (this.phase === 'fenced') abort(this.#controller, this.#fencedFor)
    return this.#controller.signal
  }

  get put(): FunctionContext['put'] {
    return (this.#put ??= <T>(
      bucket: BucketHandle<T>,
      key: string | undefined,
      value: T,
      options?: PutOptions,
    ) => this.#host.put(this, bucket, key, value, options))
  }

  get reply(): (value: unknown) => void {
    return (value) => this.#host.reply(this, value)
  }

  get allocate(): FunctionContext['allocate'] {
    return (bytes) => this.#host.allocate(bytes)
  }

  get closed(): (bucket: BucketName, fact: UserFact) => void {
    return (bucket, fact) => this.#host.closed(this, bucket, fact)
  }

  get producer(): Producer {
    if (this.#producer !== undefined) return this.#producer
    const { fn, id: invocation, lineage: cause } = this.invocation
    const { attempt } = this
    this.#producer = cause === undefined ? { fn, invocation, attempt } : { fn, invocation, attempt, cause }
    return this.#producer
  }

  /** The key of the next put without one: the same in every attempt that puts in the same order. */
  nextKey(): string {
    this.#ordinal += 1
    this.#keyPrefix ??= `${this.invocation.id}/`
    return `${this.#keyPrefix}${this.#ordinal - 1}`
  }

  /** Gives the attempt up; without a reason because it is not needed any more. */
  fence(reason: unknown): void {
    this.phase = 'fenced'
    this.#fencedFor = reason
    this.farSide?.abort(reason)
    if (this.#controller !== undefined) abort(this.#controller, reason)
  }
}

/** Nobody waits for what the function does, because another attempt has ended or its result would be one too many. */
export function abort(controller: AbortController, reason: unknown): void {
  controller.abort(reason ?? new Error('What the function does is not needed any more'))
}

/** The error for what an attempt does that has ended or was given up. */
export function fenced({ invocation, attempt }: Attempt): StigmergyError {
  const { fn, id } = invocation
  return new StigmergyError(
    'STG_FUNCTION_FENCED',
    `Attempt ${attempt} of function ${fn} is over: it has ended, timed out or was cancelled.`,
    { details: { fn, invocation: id, attempt } },
  )
}
