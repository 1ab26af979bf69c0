import type { Partition } from '../bucket/partition.js'
import type { StepEvent } from '../bucket/step-event.js'
import type { Cancellation, Refusal, Step, Steps } from '../bucket/step.js'
import { StoredObject } from '../bucket/stored-object.js'
import type { CellHost, TriggerCell } from '../bucket/trigger-cell.js'
import type { Disposition, Firing, ObjectRef, Unsatisfied } from '../contract/index.js'
import { errorInfo } from '../error-info.js'
import { StigmergyError } from '../errors.js'
import type { LiveSession } from '../session/live-session.js'
import type { TimerQueue } from '../timer-queue.js'
import type { RunningApp } from './running-app.js'
import type { Worker } from './worker.js'

/** What the triggers of one app decide, carried out on this worker. */
export class TriggerHost implements CellHost {
  /** Firings committed so far. */
  fired = 0
  readonly #worker: Worker
  readonly #app: RunningApp
  #absorbed = false
  #refusal: Refusal | undefined

  constructor(worker: Worker, app: RunningApp) {
    this.#worker = worker
    this.#app = app
  }

  get timers(): TimerQueue {
    return this.#worker.timers
  }

  get steps(): Steps {
    return this.#worker.steps
  }

  now(): number {
    return this.#worker.clock.now()
  }

  opened(partition: Partition): void {
    const session = this.#sessionNamed(partition)
    partition.life = session?.life
    session?.partitions.push(partition)
  }

  backlogChanged(change: number): void {
    this.#worker.backlog += change
  }

  held(partition: Partition, object: ObjectRef): void {
    if (holdsItself(partition)) stored(object).hold()
  }

  timersChanged(partition: Partition, change: number): void {
    const session = this.#sessionOf(partition)
    if (session === undefined) return
    for (let more = change; more > 0; more -= 1) this.#worker.sessions.occupy(session)
    for (let less = change; less < 0; less += 1) this.#worker.sessions.rest(session)
  }

  committed(partition: Partition, event: StepEvent, step: Step, firstFireSeq: number): void {
    if (this.#worker.events.watchesSteps) this.#tellStep(partition, event)
    if (step.holdsArrival && step.arrival !== undefined) this.held(partition, step.arrival)
    for (let at = 0; at < step.firings.length; at += 1)
      this.#fire(partition, step.firings[at]!, firstFireSeq + at)
    for (const { object, reason } of step.disposed) this.disposed(partition.cell, object, reason, undefined)
    if (step.taken.length > 0 && holdsItself(partition))
      for (const object of step.taken) stored(object).letGo()
    if (step.absorbed) this.#absorbed = true
    if (step.refusal !== undefined) this.#refusal = step.refusal
    for (const which of step.cancellations) this.#worker.scheduler.defer(() => this.#cancel(partition, which))
    if (step.report !== undefined) this.#unsatisfied(partition, step.report)
    this.#worker.nudge()
  }

  disposed(cell: TriggerCell, object: ObjectRef, reason: Disposition, holder: Partition | undefined): void {
    const { events } = this.#worker
    if (events.watched)
      events.emit({
        type: 'object-disposed',
        at: this.now(),
        session: object.session,
        object,
        trigger: cell.id,
        reason,
      })
    if (isLate(reason) && cell.common.onLate === 'deadLetter') this.#bury(cell, object, reason)
    if (holder !== undefined && holdsItself(holder)) stored(object).letGo()
  }

  faulted(partition: Partition, _event: StepEvent, error: StigmergyError): void {
    const { events } = this.#worker
    const { cell, name, phase } = partition
    if (events.watched)
      events.emit({
        type: 'trigger-faulted',
        at: this.now(),
        session: name.session ?? '',
        trigger: cell.id,
        partition: name,
        error: errorInfo(error),
      })
    const session = this.#sessionOf(partition)
    if (phase === 'halted' && session !== undefined) this.#failSoon(session, error)
  }

  /** Whether a trigger provided for the failure that it was last told of; reading it forgets it. */
  takeAbsorbed(): boolean {
    const absorbed = this.#absorbed
    this.#absorbed = false
    return absorbed
  }

  /** The refusal that the last step asked for; reading it forgets it. */
  takeRefusal(): Refusal | undefined {
    const refusal = this.#refusal
    this.#refusal = undefined
    return refusal
  }

  #tellStep({ cell, name }: Partition, step: StepEvent): void {
    const about = { trigger: cell.id, partition: name, step }
    this.#worker.events.emit({
      type: 'trigger-stepped',
      at: this.now(),
      session: name.session ?? '',
      ...about,
    })
  }

  #fire(partition: Partition, firing: Firing, fireSeq: number): void {
    this.fired += 1
    const objects = firing.objects as readonly StoredObject[]
    const slot = this.#app.functions.get(firing.target ?? partition.cell.definition.target)!
    const session = this.#homeOf(partition, objects, fireSeq)
    if (session === undefined) return
    const invocation = this.#worker.dispatch(slot, session, objects, { partition, fireSeq, firing })
    const { events } = this.#worker
    if (!events.watched) return
    const about = { trigger: partition.cell.id, partition: partition.name, firing: invocation.id }
    const what = { session: session.id, fn: slot.name, objects }
    events.emit({ type: 'trigger-fired', at: this.now(), ...about, ...what })
  }

  /** The session that a firing runs in; none when a listener has ended the session, or the trigger, since the step. */
  #homeOf(partition: Partition, objects: readonly StoredObject[], fireSeq: number): LiveSession | undefined {
    if (partition.isOfSession) return this.#sessionOf(partition)
    return partition.cell.ended ? undefined : this.#sessionFor(partition, objects, fireSeq)
  }

  /** A firing of one object runs in its session while that lives; any other gets a session of its own. */
  #sessionFor(partition: Partition, objects: readonly StoredObject[], fireSeq: number): LiveSession {
    const { sessions } = this.#worker
    const only = objects.length === 1 ? objects[0]! : undefined
    const own =
      only === undefined || only.session === '' || only.outlivesSession
        ? undefined
        : sessions.find(only.session)
    if (own !== undefined && own.phase === 'live') return own
    return sessions.derive(this.#derivedName(partition, fireSeq), sessionsOf(objects))
  }

  /** Readable where that is unique: the first generation of an unpartitioned trigger in the only app. */
  #derivedName(partition: Partition, fireSeq: number): string {
    const { cell, name } = partition
    const plain = name.by === undefined && name.session === undefined && cell.definition.generation === 0
    return plain && this.#worker.apps.size === 1
      ? `~${cell.id}/${fireSeq}`
      : `~${partition.firingId(fireSeq)}`
  }

  #bury(cell: TriggerCell, object: ObjectRef, reason: Disposition): void {
    const letter = {
      kind: 'object',
      app: this.#app.name,
      at: this.now(),
      session: object.session,
      trigger: cell.id,
      reason,
    } as const
    this.#worker.bury({ ...letter, objects: [stored(object)] })
  }

  #cancel(partition: Partition, which: Cancellation): void {
    const session = this.#sessionOf(partition)
    const all = session === undefined ? this.#worker.invocations() : session.invocations
    for (const invocation of [...all]) {
      const { record, slot, listeners } = invocation
      const bucket = this.#app.buckets.get(partition.cell.definition.bucket)!
      const hit =
        'tag' in which
          ? record?.partition === partition && record.firing.tag === which.tag
          : slot.puts.length === 1 && slot.puts[0] === bucket && listeners?.has(bucket) !== true
      if (hit) this.#worker.executor.stop(invocation, { outcome: 'cancelled' })
    }
  }

  #unsatisfied(partition: Partition, report: Unsatisfied): void {
    const { events } = this.#worker
    const { cell, name } = partition
    if (events.watched)
      events.emit({
        type: 'trigger-unsatisfied',
        at: this.now(),
        session: name.session ?? '',
        trigger: cell.id,
        partition: name,
        report,
      })
    const session = this.#sessionOf(partition)
    if (session !== undefined) this.#failSoon(session, unsatisfiedError(cell.id, report))
  }

  /** Not in the middle of a step; until then the session does not end in another way. */
  #failSoon(session: LiveSession, error: Error): void {
    this.#worker.sessions.occupy(session)
    this.#worker.scheduler.defer(() => {
      this.#worker.ending.fail(session, error)
      this.#worker.sessions.rest(session)
    })
  }

  /** The session that a partition belongs to, while it lives: a later one of its name is another. */
  #sessionOf(partition: Partition): LiveSession | undefined {
    const session = this.#sessionNamed(partition)
    return session?.life === partition.life ? session : undefined
  }

  /** Undefined for bucket scope and for objects without a session. */
  #sessionNamed({ name }: Partition): LiveSession | undefined {
    return name.session === undefined || name.session === ''
      ? undefined
      : this.#worker.sessions.find(name.session)
  }
}

/** A partition of a session is outlived by the session's own hold on its objects. */
function holdsItself({ isOfSession }: Partition): boolean {
  return !isOfSession
}

function isLate(reason: Disposition): boolean {
  return reason === 'late-closed' || reason === 'late-watermark'
}

function stored(object: ObjectRef): StoredObject {
  if (object instanceof StoredObject) return object
  throw new TypeError(`object ${object.key} is not of this worker`)
}

function sessionsOf(objects: readonly StoredObject[]): readonly string[] {
  const names: string[] = []
  for (const { session } of objects) if (session !== '' && session !== names.at(-1)) names.push(session)
  return names.length < 2 ? names : [...new Set(names)]
}

function unsatisfiedError(trigger: string, report: Unsatisfied): StigmergyError {
  const missing =
    report.missing === undefined || report.missing.length === 0
      ? ''
      : `; missing: ${report.missing.join(', ')}`
  const cause =
    report.error === undefined ? {} : { cause: Object.assign(new Error(report.error.message), report.error) }
  const why = report.message ?? report.reason
  return new StigmergyError(
    'STG_TRIGGER_UNSATISFIED',
    `Trigger ${trigger} can never fire in this session: ${why}${missing}.`,
    {
      ...cause,
      details: { trigger, ...report },
    },
  )
}
