import type { AppManifest } from '../app/define-app.js'
import type { BucketName, PutOptions, PutOutcome, UserFact } from '../app/handles.js'
import { checkedName } from '../app/names.js'
import { type Bucket, checkPutOptions, immediateOutcomes, type Put } from '../bucket/bucket.js'
import { StoredObject, sizeOf } from '../bucket/stored-object.js'
import type { TriggerCell } from '../bucket/trigger-cell.js'
import type { TriggerDefinition } from '../bucket/trigger-definition.js'
import type { Clock } from '../clock.js'
import type { Closed, ObjectStore, Producer, StoreHandle } from '../contract/index.js'
import { asError, errorInfo } from '../error-info.js'
import { StigmergyError } from '../errors.js'
import { DeadLetterBox, type Undelivered } from '../runtime/dead-letters.js'
import type { EventStream } from '../runtime/events.js'
import { ExplainedSessions } from '../runtime/explained-sessions.js'
import type { OutsidePutOptions, SessionEnd, SessionOptions } from '../runtime/face.js'
import { Closing } from '../session/closing.js'
import { LiveSession } from '../session/live-session.js'
import { Sessions } from '../session/sessions.js'
import { TimerQueue } from '../timer-queue.js'
import type { Attempt, AttemptHost } from './attempt.js'
import { Executor, type InvocationEnd } from './executor.js'
import { audience, factsOf, hasAudience } from './facts.js'
import type { FunctionSlot, Watch } from './function-slot.js'
import { type FiringRecord, Invocation } from './invocation.js'
import { Lanes } from './lanes.js'
import type { WorkerLimits } from './limits.js'
import { RunningApp } from './running-app.js'
import { Scheduler } from './scheduler.js'
import { Supervisor } from './supervisor.js'
import type { WorkerParts } from './worker-parts.js'

/** One event loop at work: the home of its sessions, with everything between a put and the functions that it causes. */
export class Worker implements AttemptHost {
  readonly clock: Clock
  readonly store: ObjectStore
  readonly events: EventStream
  readonly timers: TimerQueue
  readonly scheduler: Scheduler
  readonly sessions: Sessions
  readonly executor: Executor
  readonly supervisor: Supervisor
  readonly deadLetters: DeadLetterBox
  readonly apps = new Map<string, RunningApp>()
  readonly counts = { put: 0, duplicates: 0, bytes: 0 }
  readonly #closing: Closing
  readonly #lanes = new Lanes()
  readonly #limits: WorkerLimits
  readonly explained: ExplainedSessions
  readonly #waiters = new Set<{ readonly condition: () => boolean; readonly resolve: () => void }>()
  #outsidePuts = 0

  constructor({ clock, ids, store, queue, events, limits }: WorkerParts) {
    this.clock = clock
    this.store = store
    this.events = events
    const timers = new TimerQueue(clock)
    this.#limits = limits
    this.timers = timers
    this.explained = new ExplainedSessions(limits.maxExplained)
    this.deadLetters = new DeadLetterBox(limits.maxDeadLetters)
    this.scheduler = new Scheduler(queue, clock, limits.slots)
    this.sessions = new Sessions(
      {
        clock,
        ids,
        timers,
        events,
        quiet: (session) => this.scheduler.lookAt(session),
        stop: (session, error) => this.stop(session, error),
      },
      limits,
    )
    this.#closing = new Closing({
      awaitPuts: (session, idle) => this.sessions.awaitPuts(session, idle),
      finish: (session) =>
        this.#finish(session, {
          outcome: session.outcome,
          ...(session.failure && { error: session.failure }),
        }),
    })
    this.supervisor = new Supervisor({
      clock,
      timers,
      rerun: (invocation) => this.executor.begin(invocation),
      giveUp: (invocation, error) => this.executor.stop(invocation, { outcome: 'failed', error }),
    })
    const { scheduler, supervisor } = this
    this.executor = new Executor({
      clock,
      timers,
      events,
      scheduler,
      supervisor,
      put: (attempt, bucket, key, value, options) => this.put(attempt, bucket, key, value, options),
      reply: (attempt, value) => this.reply(attempt, value),
      closed: (attempt, bucket, fact) => this.closed(attempt, bucket, fact),
      ended: (invocation, end) => this.#ended(invocation, end),
    })
    scheduler.connect({
      run: (invocation) => this.executor.run(invocation),
      settle: (session) => this.#closing.settle(session),
      idle: () => this.#wakeWaiters(),
    })
  }

  addApp(manifest: AppManifest, triggers: readonly TriggerDefinition[]): void {
    this.apps.set(manifest.name, new RunningApp(this, manifest, triggers))
  }

  /** Resolves when the condition holds at a moment when nothing can start. */
  async until(condition: () => boolean): Promise<void> {
    if (this.scheduler.isIdle && condition()) return
    await new Promise<void>((resolve) => {
      this.#waiters.add({ condition, resolve })
      this.nudge()
    })
  }

  /** Has the conditions of `until` looked at again. */
  nudge(): void {
    if (this.#waiters.size > 0) this.scheduler.defer(() => undefined)
  }

  /** Whether firings of the trigger run or wait to. */
  runsFor(cell: TriggerCell): boolean {
    for (const { record } of this.invocations()) if (record?.partition.cell === cell) return true
    return false
  }

  /** The objects of a bucket that are still alive. */
  retained(bucket: Bucket): StoredObject[] {
    const ofSessions = [...this.sessions].flatMap(({ objects }) =>
      objects.filter((object) => object.bucket === bucket.name),
    )
    const pending = bucket.cells.flatMap((cell) =>
      [...cell.partitions].flatMap((partition) => [...partition.pending.values()]),
    )
    const sessionless = pending.filter(
      (object): object is StoredObject => object.session === '' && object instanceof StoredObject,
    )
    return [...new Set([...ofSessions, ...sessionless])]
  }

  /** Every invocation that has not ended. */
  *invocations(): Generator<Invocation, void, undefined> {
    for (const session of this.sessions) yield* session.invocations
  }

  /** Begins a session with a run of the function. Throws for names and limits; what fails later, the session tells. */
  invoke(slot: FunctionSlot, args: unknown, options: SessionOptions): LiveSession {
    this.#checkRoom()
    const session = this.sessions.begin(options, false)
    const bytes = sizeOf(args)
    this.sessions.occupy(session)
    const handle = this.store.put(args, bytes)
    if (handle instanceof Promise) this.#requestLater(slot, session, bytes, handle)
    else this.#request(slot, session, bytes, handle)
    return session
  }

  /** Puts for a function. Throws at once what is known at once. */
  put(
    attempt: Attempt,
    bucketName: BucketName,
    key: string | undefined,
    value: unknown,
    options?: PutOptions,
  ): Promise<PutOutcome> {
    const { invocation } = attempt
    const bucket = this.#appOf(invocation).bucket(bucketName)
    const keyIsOwn = key === undefined
    const put: Put = {
      session: invocation.home,
      key: keyIsOwn ? attempt.nextKey() : checkedName('key', key),
      keyIsOwn,
      value,
      options,
      producer:
        options?.producer === undefined ? attempt.producer : { ...attempt.producer, name: options.producer },
      hops: invocation.hops,
      invocation,
      id: options?.id ?? (bucket.multi ? attempt.nextKey() : undefined),
    }
    if (options !== undefined) checkPutOptions(options)
    if (attempt.phase !== 'running') return this.#putFenced(attempt, bucket, put)
    if (bucket.hearsProducers) (invocation.listeners ??= new Set()).add(bucket)
    const outcome = this.#putInto(bucket, put)
    return isImmediate(outcome) ? outcome : outstanding(attempt, outcome)
  }

  /** Puts for a caller outside. */
  putOutside(
    app: RunningApp,
    bucketName: BucketName | string,
    key: string | undefined,
    value: unknown,
    options: OutsidePutOptions,
  ): Promise<PutOutcome> {
    const bucket = app.bucket(bucketName)
    checkPutOptions(options)
    const session = this.#outsideSession(options.session)
    this.#outsidePuts += 1
    const invocation = `put/${this.#outsidePuts.toString(36)}`
    const producer: Producer = {
      fn: '',
      invocation,
      attempt: 1,
      ...(options.producer === undefined ? {} : { name: options.producer }),
    }
    const keyIsOwn = key === undefined
    const named = keyIsOwn ? `${invocation}/0` : checkedName('key', key)
    const put: Put = {
      session,
      key: named,
      keyIsOwn,
      value,
      options,
      producer,
      hops: 0,
      invocation: undefined,
      id: options.id,
    }
    this.sessions.occupy(session)
    try {
      return this.#putInto(bucket, put)
    } finally {
      this.sessions.rest(session)
    }
  }

  reply(attempt: Attempt, value: unknown): void {
    const { home } = attempt.invocation
    if (attempt.phase === 'fenced' || home.phase === 'over' || home.reply.settled) return
    home.reply.resolve(value)
    if (this.events.watched)
      this.events.emit({ type: 'session-replied', at: this.clock.now(), session: home.id })
  }

  closed(attempt: Attempt, bucketName: BucketName, fact: UserFact): void {
    const { invocation } = attempt
    const app = this.#appOf(invocation)
    if (attempt.phase !== 'running') throw fenced(attempt)
    this.tell(app, app.bucket(bucketName), fact, invocation.home)
  }

  /** Gives a fact of user code to the triggers that it concerns. Throws what one of them refuses with. */
  tell(app: RunningApp, bucket: Bucket, fact: UserFact, session: LiveSession): void {
    const closed = closedFact(fact)
    for (const cell of bucket.cells)
      for (const partition of audience(cell, closed.scope, session)) cell.close(partition, closed)
    const refusal = app.host.takeRefusal()
    if (refusal !== undefined)
      throw new StigmergyError(refusal.code, refusal.message, { details: { bucket: bucket.name } })
  }

  /** Has a function run with objects: now, or behind the serial firings before it. */
  dispatch(
    slot: FunctionSlot,
    session: LiveSession,
    objects: readonly StoredObject[],
    record: FiringRecord | undefined,
  ): void {
    const invocation = new Invocation(slot, session, objects, record)
    for (const object of objects) if (invocation.holds(object)) object.hold()
    session.invocations.add(invocation)
    this.sessions.occupy(session)
    if (record !== undefined && this.events.watched) this.#tellFired(invocation, record)
    if (record?.firing.serial === true && !this.#lanes.enter(record.partition, invocation)) return
    this.scheduler.enqueue(invocation)
  }

  /** Ends a session as failed: what runs of it is given up, what its triggers are to flush still runs. */
  fail(session: LiveSession, error: Error): void {
    if (session.phase !== 'live') return
    session.phase = 'failing'
    session.failure = error
    session.reply.reject(error)
    this.#abandonAll(session, error)
    this.sessions.occupy(session)
    for (const partition of [...session.partitions]) {
      const { cell, phase, pending } = partition
      if (phase === 'open' && pending.size > 0 && cell.definition.common.onSessionEnd === 'flush')
        cell.flush(partition)
      cell.drop(partition, 'session-ended')
    }
    this.sessions.rest(session)
  }

  /** Ends a session at once, as cancelled or expired. */
  stop(session: LiveSession, error: StigmergyError): void {
    if (session.phase === 'over') return
    const outcome = error.code === 'STG_SESSION_EXPIRED' ? 'expired' : 'cancelled'
    session.failure ??= error
    this.#abandonAll(session, error)
    this.#finish(session, { outcome, error })
  }

  /** Keeps what could not be delivered. */
  bury(letter: Undelivered): void {
    const id = this.deadLetters.add(letter)
    if (this.events.watched)
      this.events.emit({ type: 'dead-letter', at: letter.at, session: letter.session, id })
  }

  #appOf(invocation: Invocation): RunningApp {
    return this.apps.get(invocation.app)!
  }

  #putInto(bucket: Bucket, put: Put): Promise<PutOutcome> {
    this.#checkRoom()
    if (this.timers.nextDueAt < Infinity) this.timers.runDue(this.clock.now(), false)
    return bucket.put(put)
  }

  #putFenced(attempt: Attempt, bucket: Bucket, { session, options, key }: Put): Promise<PutOutcome> {
    if (session.phase !== 'over' && bucket.knows(session, options?.role, key))
      return Promise.resolve('duplicate')
    throw fenced(attempt)
  }

  #outsideSession(name: string | undefined): LiveSession {
    if (name === undefined || name === '') return this.sessions.none
    const live = this.sessions.find(name)
    if (live !== undefined) return live
    if (!this.sessions.isOver(name)) return this.sessions.begin({ session: name }, true)
    const over = new LiveSession(name, [], true)
    over.phase = 'over'
    return over
  }

  async #requestLater(
    slot: FunctionSlot,
    session: LiveSession,
    bytes: number,
    room: Promise<StoreHandle>,
  ): Promise<void> {
    try {
      this.#request(slot, session, bytes, await room)
    } catch (error) {
      this.fail(session, asError(error))
      this.sessions.rest(session)
    }
  }

  #request(slot: FunctionSlot, session: LiveSession, bytes: number, handle: StoreHandle): void {
    const producer: Producer = { fn: '', invocation: session.id, attempt: 1 }
    const place = { bucket: '~request', seq: 0, at: this.clock.now(), bytes }
    const object = new StoredObject({ session, key: 'request', hops: 0, producer }, place, this.store, handle)
    session.objects.push(object)
    if (session.phase === 'over') session.release()
    else this.dispatch(slot, session, [object], undefined)
    this.sessions.rest(session)
  }

  #ended(invocation: Invocation, end: InvocationEnd): void {
    const { home, objects, record } = invocation
    const awaited = invocation.slot.watches.length > 0 ? this.supervisor.missing(invocation) : []
    if (invocation.slot.watches.length > 0) this.supervisor.forget(invocation)
    if (end.outcome === 'failed') this.#buryFiring(invocation, end)
    for (const object of objects) if (invocation.holds(object)) object.letGo()
    home.invocations.delete(invocation)
    if (record?.firing.serial === true) this.#nextInLane(record)
    if (hasAudience(invocation)) this.scheduler.defer(() => this.#tellEnd(invocation, end, awaited))
    else this.#conclude(invocation, end, false)
  }

  #tellEnd(invocation: Invocation, end: InvocationEnd, awaited: readonly Watch[]): void {
    const { host } = this.#appOf(invocation)
    host.takeAbsorbed()
    if (invocation.home.phase !== 'over')
      for (const { partition, fact } of factsOf(invocation, end, awaited))
        partition.cell.close(partition, fact)
    host.takeRefusal()
    this.#conclude(invocation, end, host.takeAbsorbed())
  }

  #conclude({ home }: Invocation, { outcome, error }: InvocationEnd, absorbed: boolean): void {
    if (outcome === 'failed' && !absorbed && error !== undefined) this.fail(home, error)
    this.sessions.rest(home)
  }

  #nextInLane({ partition }: FiringRecord): void {
    const next = this.#lanes.leave(partition)
    if (next !== undefined) this.scheduler.enqueue(next)
  }

  #buryFiring(invocation: Invocation, { attempt, error }: InvocationEnd): void {
    const { fn, app, id, session, objects } = invocation
    const about = {
      kind: 'firing',
      fn,
      app,
      firing: id,
      session,
      attempts: attempt,
      at: this.clock.now(),
    } as const
    this.bury({ ...about, objects, error: errorInfo(error) })
  }

  #abandonAll(session: LiveSession, reason: Error): void {
    for (const invocation of [...session.invocations]) {
      this.executor.abandon(invocation, reason)
      for (const object of invocation.objects) if (invocation.holds(object)) object.letGo()
      session.invocations.delete(invocation)
      if (invocation.record?.firing.serial === true) this.#nextInLane(invocation.record)
      this.sessions.rest(session)
    }
  }

  #finish(session: LiveSession, end: SessionEnd): void {
    session.phase = 'over'
    this.explained.keep(session, end)
    for (const partition of session.partitions) partition.cell.drop(partition, 'session-ended')
    if (end.outcome === 'cancelled' || end.outcome === 'expired') this.#dropCancelled(session)
    this.sessions.remove(session)
    session.release()
    if (end.error === undefined) session.reply.resolve(undefined)
    else session.reply.reject(end.error)
    session.ended.resolve(end)
    if (this.events.watched) this.#tellSessionEnd(session, end)
  }

  #dropCancelled({ id }: LiveSession): void {
    for (const app of this.apps.values())
      for (const bucket of app.buckets.values())
        for (const cell of bucket.cells) if (cell.definition.common.dropCancelled) cell.dropSession(id)
  }

  #wakeWaiters(): void {
    for (const waiter of this.#waiters) {
      if (!waiter.condition()) continue
      this.#waiters.delete(waiter)
      waiter.resolve()
    }
  }

  #checkRoom(): void {
    if (this.scheduler.queued < this.#limits.maxQueued) return
    const { maxQueued } = this.#limits
    throw new StigmergyError(
      'STG_WORKER_BUSY',
      `${maxQueued} firings wait to run, the limit of this worker; put again later or raise maxQueued.`,
      {
        retryable: true,
        details: { maxQueued },
      },
    )
  }

  #tellFired(invocation: Invocation, { partition }: FiringRecord): void {
    const { session, id, fn, objects } = invocation
    const about = { trigger: partition.cell.id, partition: partition.name, firing: id, fn, objects }
    this.events.emit({ type: 'trigger-fired', at: this.clock.now(), session, ...about })
  }

  #tellSessionEnd({ id }: LiveSession, { outcome, error }: SessionEnd): void {
    const told = error === undefined ? { outcome } : { outcome, error: errorInfo(error) }
    this.events.emit({ type: 'session-ended', at: this.clock.now(), session: id, ...told })
  }
}

/** Whether a put was decided at once: such outcomes are promises that every put shares. */
function isImmediate(outcome: Promise<PutOutcome>): boolean {
  return immediateOutcomes.has(outcome)
}

/** A put that waits for room: its attempt does not end before it. */
function outstanding(attempt: Attempt, outcome: Promise<PutOutcome>): Promise<PutOutcome> {
  const puts = (attempt.outstanding ??= new Set())
  puts.add(outcome)
  const settled = (): void => void puts.delete(outcome)
  outcome.then(settled, settled)
  return outcome
}

function closedFact(fact: UserFact): Closed {
  const name = 'name' in fact ? checkedName('name', fact.name) : ''
  const outcome = 'outcome' in fact ? (fact.outcome ?? 'succeeded') : 'succeeded'
  const expected = 'expected' in fact && fact.expected !== undefined ? { expected: fact.expected } : {}
  return { scope: fact.scope, name, outcome, ...expected }
}

function fenced({ invocation, attempt }: Attempt): StigmergyError {
  const { fn, id } = invocation
  return new StigmergyError(
    'STG_FUNCTION_FENCED',
    `Attempt ${attempt} of function ${fn} is over: it has ended, timed out or was cancelled.`,
    {
      details: { fn, invocation: id, attempt },
    },
  )
}
