import { asError, errorInfo } from '../error-info.js'
import type { Clock } from '../clock.js'
import type { Outcome } from '../contract/index.js'
import { StigmergyError } from '../errors.js'
import type { EventStream } from '../runtime/events.js'
import type { TimerQueue } from '../timer-queue.js'
import { Attempt, type AttemptHost } from './attempt.js'
import type { Elsewhere } from './elsewhere.js'
import type { FunctionSlot } from './function-slot.js'
import type { Invocation } from './invocation.js'
import type { Scheduler } from './scheduler.js'
import type { Supervisor } from './supervisor.js'
import type { WaitingPut } from './waiting-put.js'

/** So often an invocation is repeated because its worker was lost, whatever its retries. */
const maxLosses = 3

/** How an invocation ended, after its last attempt. */
export interface InvocationEnd {
  readonly outcome: Outcome
  readonly attempt: number
  readonly error?: Error
}

export interface ExecutorHost extends AttemptHost {
  readonly clock: Clock
  readonly timers: TimerQueue
  readonly events: EventStream
  readonly scheduler: Scheduler
  readonly supervisor: Supervisor
  /** Other workers; undefined when all runs here. */
  readonly elsewhere: Elsewhere | undefined
  /** An invocation has ended for good; its session goes on. */
  ended(invocation: Invocation, end: InvocationEnd): void
}

/** Runs invocations: attempts, time limits, retries and the concurrency of each function. */
export class Executor {
  started = 0
  failed = 0
  /** Invocations that wait because as many runs of their function as may overlap do. */
  parked = 0
  readonly #host: ExecutorHost

  constructor(host: ExecutorHost) {
    this.#host = host
  }

  /** Begins the invocation, or parks it with its function while as many as may are running. */
  run(invocation: Invocation): void {
    if (invocation.phase === 'over') return
    const { slot } = invocation
    if (slot.running < slot.concurrency && slot.waiting.size === 0) this.begin(invocation)
    else this.#park(invocation)
  }

  /** Begins the next attempt now. */
  begin(invocation: Invocation): void {
    invocation.phase = 'running'
    invocation.attempt += 1
    const attempt = new Attempt(invocation, invocation.attempt, this.#host)
    this.#enter(attempt)
    if (invocation.slot.elsewhere) return this.#host.elsewhere!.run(attempt)
    let result: unknown
    try {
      result = invocation.slot.handler(invocation as never, attempt)
    } catch (error) {
      return this.attemptFailed(attempt, error)
    }
    if (!mayBeThenable(result)) return this.attemptEnded(attempt)
    const promise = result instanceof Promise ? (result as Promise<unknown>) : Promise.resolve(result)
    promise.then(
      () => this.attemptEnded(attempt),
      (error: unknown) => this.attemptFailed(attempt, error),
    )
  }

  /** The function of an attempt has begun elsewhere. */
  begun(attempt: Attempt): void {
    const { timeoutMs } = attempt.invocation.slot
    if (timeoutMs !== undefined && attempt.phase === 'running') this.#armTimeout(attempt, timeoutMs)
  }

  /** Ends the invocation from outside: what runs of it is given up. */
  stop(invocation: Invocation, end: Omit<InvocationEnd, 'attempt'>): void {
    if (invocation.phase !== 'over') this.#finish(invocation, { ...end, attempt: invocation.attempt })
  }

  /** Gives up what runs of an invocation whose session is over. Nobody is told. */
  abandon(invocation: Invocation, reason: unknown): void {
    if (invocation.phase === 'over') return
    this.#end(invocation)
    this.#host.supervisor.forget(invocation)
    this.#fence(invocation, reason)
  }

  #end(invocation: Invocation): void {
    invocation.phase = 'over'
    if (invocation.retry !== undefined) this.#host.timers.disarm(invocation.retry)
    invocation.retry = undefined
  }

  #enter(attempt: Attempt): void {
    const { invocation } = attempt
    const { slot } = invocation
    this.started += 1
    slot.running += 1
    this.#host.scheduler.occupySlot()
    invocation.add(attempt)
    if (slot.timeoutMs !== undefined && !slot.elsewhere) this.#armTimeout(attempt, slot.timeoutMs)
    if (slot.watches.length > 0) this.#host.supervisor.started(invocation)
    const { events, clock } = this.#host
    if (events.watched)
      events.emit({
        type: 'function-started',
        at: clock.now(),
        session: invocation.session,
        ...named(attempt),
      })
  }

  #leave(attempt: Attempt): void {
    const { invocation } = attempt
    const { slot } = invocation
    if (attempt.timeout !== undefined) this.#host.timers.disarm(attempt.timeout)
    invocation.remove(attempt)
    slot.running -= 1
    this.#host.scheduler.freeSlot()
    if (slot.waiting.size > 0) this.#host.scheduler.defer(() => this.#beginParked(slot))
  }

  #park(invocation: Invocation): void {
    this.parked += 1
    invocation.slot.waiting.push(invocation)
  }

  /** Begins those that wait for their function, in turn, as many as may run. */
  #beginParked(slot: FunctionSlot): void {
    while (slot.running < slot.concurrency) {
      const next = slot.waiting.shift()
      if (next === undefined) return
      this.parked -= 1
      if (next.phase !== 'over') this.begin(next)
    }
  }

  /** The function of an attempt has ended, here or elsewhere. */
  attemptEnded(attempt: Attempt): void {
    if (attempt.phase !== 'running') return
    if (attempt.waitingPuts !== undefined) return void this.#awaitPuts(attempt, attempt.waitingPuts)
    attempt.phase = 'ended'
    this.#leave(attempt)
    this.#tellEnd(attempt, 'succeeded')
    this.#finish(attempt.invocation, { outcome: 'succeeded', attempt: attempt.attempt })
  }

  /** The function ends after its puts. One that fails, and whose failure it has not asked for, fails it. */
  async #awaitPuts(attempt: Attempt, puts: readonly WaitingPut[]): Promise<void> {
    attempt.waitingPuts = undefined
    await Promise.all(puts.map((put) => put.over))
    const lost = puts.find((put) => put.lostFailure !== undefined)?.lostFailure
    if (lost === undefined) this.attemptEnded(attempt)
    else this.attemptFailed(attempt, lost.error)
  }

  /** The function of an attempt has thrown, or could not run. */
  attemptFailed(attempt: Attempt, thrown: unknown): void {
    if (attempt.phase !== 'running') return // given up before: what it throws on its way out is expected
    attempt.phase = 'ended'
    this.#leave(attempt)
    this.failed += 1
    const error = functionError(attempt, thrown)
    this.#tellEnd(attempt, 'failed', error)
    if (attempt.invocation.attempts.length === 0) this.#retryOrFinish(attempt, error)
  }

  #retryOrFinish(attempt: Attempt, error: Error): void {
    const { invocation } = attempt
    if (invocation.phase === 'over') return // a listener has ended it
    const { timers, clock, scheduler, supervisor, events } = this.#host
    const delay = this.#retryDelay(invocation, error) ?? supervisor.rerunDelay(invocation)
    if (delay === undefined)
      return this.#finish(invocation, { outcome: 'failed', attempt: attempt.attempt, error })
    const dueAt = clock.now() + delay
    invocation.phase = 'waiting'
    supervisor.rests(invocation)
    invocation.retry = timers.arm(dueAt, 'retry', () => {
      invocation.retry = undefined
      invocation.phase = 'queued'
      scheduler.enqueue(invocation)
    })
    if (events.watched)
      events.emit({
        type: 'function-retried',
        at: clock.now(),
        session: invocation.session,
        ...named(attempt),
        dueAt,
        error: errorInfo(error),
      })
  }

  /** The loss of a worker is not the function's failure, unless it happens again and again. */
  #retryDelay(invocation: Invocation, error: Error): number | undefined {
    const { max, backoffMs, factor } = invocation.slot.retries
    if (StigmergyError.is(error, 'STG_WORKER_LOST') && invocation.lost < maxLosses) {
      invocation.lost += 1
      return 0
    }
    const failed = invocation.attempt - invocation.lost
    return failed > max ? undefined : Math.ceil(backoffMs * factor ** (failed - 1))
  }

  #finish(invocation: Invocation, end: InvocationEnd): void {
    if (invocation.phase === 'over') return
    this.#end(invocation)
    this.#host.ended(invocation, end)
    if (invocation.attempts.length > 0) this.#fence(invocation, end.error)
  }

  #fence(invocation: Invocation, reason: unknown): void {
    for (const attempt of invocation.attempts) {
      attempt.fence(reason)
      this.#leave(attempt)
      this.#tellEnd(attempt, 'cancelled')
    }
  }

  #armTimeout(attempt: Attempt, timeoutMs: number): void {
    const { timers, clock } = this.#host
    attempt.timeout = timers.arm(clock.now() + timeoutMs, 'timeout', () => {
      const { fn, id } = attempt.invocation
      const error = new StigmergyError(
        'STG_FUNCTION_TIMEOUT',
        `Function ${fn} did not end within ${timeoutMs} ms.`,
        {
          retryable: true,
          details: { fn, invocation: id, attempt: attempt.attempt, timeoutMs },
        },
      )
      this.attemptFailed(attempt, error)
      attempt.fence(error)
    })
  }

  #tellEnd(attempt: Attempt, outcome: Outcome, error?: Error): void {
    const { events, clock } = this.#host
    if (!events.watched) return
    const told = error === undefined ? { outcome } : { outcome, error: errorInfo(error) }
    events.emit({
      type: 'function-ended',
      at: clock.now(),
      session: attempt.session,
      ...named(attempt),
      ...told,
    })
  }
}

function named({ attempt, invocation }: Attempt): { fn: string; invocation: string; attempt: number } {
  return { fn: invocation.fn, invocation: invocation.id, attempt }
}

/** Without reading `then`, which may be anything: `Promise.resolve` reads it, and whatever it throws fails the attempt. */
function mayBeThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value
}

function functionError({ invocation, attempt }: Attempt, thrown: unknown): Error {
  if (StigmergyError.is(thrown, 'STG_FUNCTION_TIMEOUT') || isLoss(thrown)) return thrown
  const cause = asError(thrown)
  return new StigmergyError('STG_FUNCTION_FAILED', `Function ${invocation.fn} failed: ${cause.message}`, {
    cause,
    details: { fn: invocation.fn, invocation: invocation.id, attempt },
  })
}

function isLoss(thrown: unknown): thrown is StigmergyError {
  return StigmergyError.is(thrown, 'STG_WORKER_LOST') || StigmergyError.is(thrown, 'STG_WORKER_START')
}
