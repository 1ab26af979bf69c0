import type { AppManifest } from '../app/define-app.js'
import type { Bucket } from '../bucket/bucket.js'
import { backlogOf } from '../bucket/cell-waiting.js'
import { Steps } from '../bucket/step.js'
import { StoredObject } from '../bucket/stored-object.js'
import type { TriggerCell } from '../bucket/trigger-cell.js'
import type { TriggerDefinition } from '../bucket/trigger-definition.js'
import type { Clock } from '../clock.js'
import type { Codec } from '../codec.js'
import type { ObjectStore, Outcome } from '../contract/index.js'
import { asError, errorInfo } from '../error-info.js'
import { DeadLetterBox, type Undelivered } from '../runtime/dead-letters.js'
import type { EventStream } from '../runtime/events.js'
import { ExplainedSessions } from '../runtime/explained-sessions.js'
import { Ending } from '../session/ending.js'
import type { LiveSession } from '../session/live-session.js'
import { Sessions } from '../session/sessions.js'
import { TimerQueue } from '../timer-queue.js'
import type { Elsewhere } from './elsewhere.js'
import { Executor, type InvocationEnd } from './executor.js'
import { factsOf, hasAudience, tellShared } from './facts.js'
import type { FunctionSlot, Watch } from './function-slot.js'
import { Intake } from './intake.js'
import { type FiringElsewhere, type FiringRecord, Invocation } from './invocation.js'
import { Lanes } from './lanes.js'
import { RunningApp } from './running-app.js'
import { Scheduler } from './scheduler.js'
import { Supervisor } from './supervisor.js'
import type { WorkerParts } from './worker-parts.js'

/** One event loop at work: the home of its sessions, with everything between a put and the functions that it causes. */
export class Worker {
  readonly clock: Clock
  readonly codec: Codec
  readonly store: ObjectStore
  readonly events: EventStream
  readonly timers: TimerQueue
  readonly steps = new Steps()
  readonly scheduler: Scheduler
  readonly sessions: Sessions
  readonly executor: Executor
  readonly supervisor: Supervisor
  readonly deadLetters: DeadLetterBox
  readonly explained: ExplainedSessions
  readonly intake: Intake
  readonly ending: Ending
  readonly apps = new Map<string, RunningApp>()
  /** Facts that wait in triggers which hold as many as they may. */
  backlog = 0
  readonly counts = { put: 0, duplicates: 0, bytes: 0 }
  readonly #lanes = new Lanes()
  readonly #waiters = new Set<{ readonly condition: () => boolean; readonly resolve: () => void }>()

  constructor(
    { clock, ids, codec, store, queue, events, limits }: WorkerParts,
    /** Other workers, which run the functions; without them all runs here. */
    readonly elsewhere?: Elsewhere,
  ) {
    this.clock = clock
    this.codec = codec
    this.store = store
    this.events = events
    const timers = new TimerQueue(clock)
    this.intake = new Intake(this, limits)
    this.ending = new Ending(this)
    this.timers = timers
    this.explained = new ExplainedSessions(limits.maxExplained)
    this.deadLetters = new DeadLetterBox(limits.maxDeadLetters)
    this.scheduler = new Scheduler(
      queue,
      clock,
      limits.slots * Math.max(1, elsewhere?.workers ?? 1),
      elsewhere,
    )
    this.sessions = new Sessions(
      {
        clock,
        ids,
        timers,
        events,
        quiet: (session) => this.scheduler.lookAt(session),
        stop: (session, error) => this.ending.stop(session, error),
      },
      limits,
    )
    this.supervisor = new Supervisor({
      clock,
      timers,
      has: ({ app, home }, { cell, expectation }) =>
        expectation.key !== undefined &&
        this.apps.get(app)!.bucket(cell.definition.bucket).knows(home, undefined, expectation.key),
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
      elsewhere,
      put: (attempt, bucket, key, value, options) => this.intake.put(attempt, bucket, key, value, options),
      reply: (attempt, value) => this.intake.reply(attempt, value),
      allocate: async (bytes) => (await store.allocate?.(bytes)) ?? new Uint8Array(bytes),
      closed: (attempt, bucket, fact) => this.intake.closed(attempt, bucket, fact),
      ended: (invocation, end) => this.#ended(invocation, end),
    })
    scheduler.connect({
      run: (invocation) => this.executor.run(invocation),
      settle: (session) => this.ending.settle(session),
      idle: () => this.#wakeWaiters(),
    })
    elsewhere?.connect({
      now: () => clock.now(),
      begun: (attempt) => this.executor.begun(attempt),
      ended: (attempt) => this.executor.attemptEnded(attempt),
      failed: (attempt, error) => this.executor.attemptFailed(attempt, error),
      roomMade: () => scheduler.roomMade(),
    })
  }

  addApp(manifest: AppManifest, triggers: readonly TriggerDefinition[]): void {
    this.apps.set(manifest.name, new RunningApp(this, manifest, triggers))
  }

  /** Invocations that wait to run, wherever they wait. */
  get queued(): number {
    return this.scheduler.queued + this.executor.parked + this.#lanes.waiting
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
      objects.filter((object) => bucket.has(object)),
    )
    const pending = bucket.cells.flatMap((cell) =>
      [...cell.partitions].flatMap((partition) => [...partition.pending.values()]),
    )
    const sessionless = pending.filter(
      (object): object is StoredObject => object.session === '' && object instanceof StoredObject,
    )
    return [...new Set([...ofSessions, ...sessionless])]
  }

  /** Firings committed so far. */
  get fired(): number {
    return [...this.apps.values()].reduce((sum, app) => sum + app.host.fired, 0)
  }

  /** Every trigger of every app, those that are leaving included. */
  *cells(): Generator<TriggerCell, void, undefined> {
    for (const { buckets, leaving } of this.apps.values()) {
      for (const bucket of buckets.values()) yield* bucket.cells
      yield* leaving
    }
  }

  /** The triggers, ten at most, in which more facts wait than they may hold objects. */
  backlogged(): readonly TriggerCell[] {
    const stuck = (cell: TriggerCell): boolean => [...cell.partitions].some((each) => backlogOf(each) > 0)
    return [...this.cells()].filter(stuck).slice(0, 10)
  }

  /** Every invocation that has not ended. */
  *invocations(): Generator<Invocation, void, undefined> {
    for (const session of this.sessions) yield* session.invocations
  }

  /** Has a function run with objects: now, or behind the serial firings before it. */
  dispatch(
    slot: FunctionSlot,
    session: LiveSession,
    objects: readonly StoredObject[],
    record: FiringRecord | undefined,
    order?: FiringElsewhere,
  ): Invocation {
    const invocation = new Invocation(slot, session, objects, record, this.elsewhere?.speaking, order)
    if (session.phase === 'over') return invocation // a listener has ended it as it began
    for (const object of objects) if (invocation.holds(object)) object.hold()
    session.invocations.add(invocation)
    this.sessions.occupy(session)
    const mayStart = record?.firing.serial !== true || this.#lanes.enter(record.partition, invocation)
    if (mayStart) this.scheduler.enqueue(invocation)
    return invocation
  }

  /** Keeps what could not be delivered. */
  bury(letter: Undelivered): void {
    const id = this.deadLetters.add(letter)
    if (this.events.watched)
      this.events.emit({ type: 'dead-letter', at: letter.at, session: letter.session, id })
  }

  /** Gives up an invocation whose session ends before it. Triggers that outlive the session are told. */
  abandon(invocation: Invocation, outcome: Outcome, reason: Error): void {
    this.#discharge(invocation)
    this.executor.abandon(invocation, reason)
    if (!hasAudience(invocation)) return
    const end = { outcome, attempt: invocation.attempt, error: reason }
    this.scheduler.defer(() => {
      void tellShared(invocation, end, this.apps.get(invocation.app)!.buckets)
      this.#tellTriggers(invocation, end, [], undefined)
    })
  }

  /** Lets go of what an ended invocation held: its inputs, its place in the session, its turn among serial firings. */
  #discharge(invocation: Invocation): void {
    const { home, objects, record } = invocation
    if (!home.invocations.delete(invocation)) return // a listener has ended it meanwhile
    for (const object of objects) if (invocation.holds(object)) object.letGo()
    const next = record?.firing.serial === true ? this.#lanes.leave(record.partition, invocation) : undefined
    if (next !== undefined) this.scheduler.enqueue(next)
  }

  #ended(invocation: Invocation, end: InvocationEnd): void {
    const supervised = invocation.slot.watches.length > 0
    const awaited = supervised ? this.supervisor.missing(invocation) : []
    if (supervised) this.supervisor.forget(invocation)
    if (end.outcome === 'failed') this.#buryFiring(invocation, end)
    this.#discharge(invocation)
    if (awaited.length > 0 || hasAudience(invocation))
      this.scheduler.defer(() => this.#tellEnd(invocation, end, awaited))
    else this.#conclude(invocation, end, false)
  }

  #tellEnd(invocation: Invocation, end: InvocationEnd, awaited: readonly Watch[]): void {
    const { home } = invocation
    const { buckets } = this.apps.get(invocation.app)!
    const answers = tellShared(invocation, end, buckets)
    const absorbed = this.#tellTriggers(invocation, end, awaited, home.phase === 'over' ? undefined : home)
    if (end.outcome !== 'failed' || absorbed || answers.length === 0)
      this.#conclude(invocation, end, absorbed)
    else void this.#concludeLater(invocation, end, answers)
  }

  /** Triggers elsewhere may provide for the failure; until they have answered, the session goes on. */
  async #concludeLater(
    invocation: Invocation,
    end: InvocationEnd,
    answers: readonly Promise<boolean>[],
  ): Promise<void> {
    const absorbed = await Promise.all(answers)
    this.#conclude(invocation, end, absorbed.includes(true))
  }

  /** Whether one of the triggers provides for the failure. */
  #tellTriggers(
    invocation: Invocation,
    end: InvocationEnd,
    awaited: readonly Watch[],
    session: LiveSession | undefined,
  ): boolean {
    const { host } = this.apps.get(invocation.app)!
    host.takeAbsorbed()
    try {
      for (const { partition, fact } of factsOf(invocation, end, awaited, session))
        partition.cell.close(partition, fact)
    } catch (error) {
      this.ending.fail(invocation.home, asError(error))
    }
    host.takeRefusal()
    return host.takeAbsorbed()
  }

  #conclude({ home }: Invocation, { outcome, error }: InvocationEnd, absorbed: boolean): void {
    if (outcome === 'failed' && !absorbed && error !== undefined) this.ending.fail(home, error)
    this.sessions.rest(home)
  }

  #buryFiring(invocation: Invocation, { attempt, error }: InvocationEnd): void {
    const { fn, app, id, session, objects, record } = invocation
    const about = {
      kind: 'firing',
      fn,
      app,
      firing: id,
      session,
      attempts: attempt,
      at: this.clock.now(),
    } as const
    this.bury({ ...about, objects, record, error: errorInfo(error) })
  }

  #wakeWaiters(): void {
    for (const waiter of this.#waiters) {
      if (!waiter.condition()) continue
      this.#waiters.delete(waiter)
      waiter.resolve()
    }
  }
}
