import type { Closed, Disposition, ObjectRef, Status, Trigger } from '../contract/index.js'
import type { StigmergyError } from '../errors.js'
import type { TimerQueue } from '../timer-queue.js'
import { CellTimers } from './cell-timers.js'
import { CellWaiting } from './cell-waiting.js'
import { giveUp } from './deadline.js'
import { checkFirings, faultOf, rollBack } from './faults.js'
import { Ledger, type LedgerEntry } from './ledger.js'
import { inOrder } from './object-order.js'
import type { Partition } from './partition.js'
import { PartitionIndex } from './partition-index.js'
import { applyEvent, type StepEvent } from './step-event.js'
import { Step, type Steps } from './step.js'
import {
  type CommonOptions,
  isListening,
  targetsOf,
  type TriggerDefinition,
  triggerId,
} from './trigger-definition.js'

/** What happened to one event; the verdict of rule C24. */
export type StepOutcome = 'fired' | 'held' | 'disposed' | 'ignored' | 'queued' | 'faulted'

/** What a cell needs of its surroundings, and what it tells them. Calls come after the new state is in place. */
export interface CellHost {
  now(): number
  readonly timers: TimerQueue
  /** Shared by all cells of this host. */
  readonly steps: Steps
  /** An object waits in a partition that is paused or halted. */
  held(partition: Partition, object: ObjectRef): void
  /** A partition came into being. */
  opened(partition: Partition): void
  /** A step was committed; its firings are numbered from `firstFireSeq`. `step` is valid during the call only. */
  committed(partition: Partition, event: StepEvent, step: Step, firstFireSeq: number): void
  /** An object was disposed outside a step; `holder` is the partition that held it until now, if one did. */
  disposed(cell: TriggerCell, object: ObjectRef, reason: Disposition, holder: Partition | undefined): void
  /** A hook threw or broke the contract; the state is as before the event. */
  faulted(partition: Partition, event: StepEvent, error: StigmergyError): void
  /** So many more timers are armed; fewer when negative. */
  timersChanged(partition: Partition, change: number): void
  /** So many more facts wait in partitions that cannot refuse them, though as many as `maxPending` wait; fewer when negative. */
  backlogChanged(change: number): void
}

/**
 * The owner of one trigger's state. It admits objects to partitions, steps the primitive, keeps its ledger, its timers and its
 * firing numbers, and commits each step as a whole or not at all.
 */
export class TriggerCell {
  readonly id: string
  readonly ledger = new Ledger()
  readonly partitions: PartitionIndex
  readonly timers: CellTimers
  readonly waiting: CellWaiting
  readonly #host: CellHost
  #definition: TriggerDefinition
  /** Of the definition; for every object they are read here, one place nearer. */
  #trigger: Trigger<unknown, unknown>
  #common: CommonOptions
  #targets: ReadonlySet<string>
  #mayFireEmpty: boolean
  #paused = false
  #ended = false

  constructor(definition: TriggerDefinition, host: CellHost) {
    this.#definition = definition
    this.#trigger = definition.trigger
    this.#common = definition.common
    this.id = triggerId(definition)
    this.partitions = new PartitionIndex(this, (partition) => host.opened(partition))
    this.#host = host
    this.timers = new CellTimers({
      timers: host.timers,
      now: () => host.now(),
      timersChanged: (partition, change) => host.timersChanged(partition, change),
      waits: (partition) => this.#waits(partition),
      deliver: (partition, event) => void this.#deliver(partition, event),
    })
    this.waiting = new CellWaiting((change) => host.backlogChanged(change))
    this.#targets = new Set(targetsOf(definition))
    this.#mayFireEmpty = definition.firesEmpty
  }

  get definition(): TriggerDefinition {
    return this.#definition
  }

  get trigger(): Trigger<unknown, unknown> {
    return this.#trigger
  }

  get common(): CommonOptions {
    return this.#common
  }

  /** Whether the primitive wants to know of the end of such things. */
  listensTo(scope: Closed['scope']): boolean {
    return isListening(this.#definition, scope)
  }

  /** Goes on with other options and the same state, as a new generation. */
  change(definition: TriggerDefinition): void {
    this.#definition = definition
    this.#trigger = definition.trigger
    this.#common = definition.common
    this.#targets = new Set(targetsOf(definition))
    this.#mayFireEmpty = definition.firesEmpty
    for (const partition of this.partitions) partition.rename()
  }

  /** The conservation ledger, with what is held counted partition by partition. */
  readLedger(): LedgerEntry {
    let pending = 0
    for (const partition of this.partitions) pending += partition.pending.size
    return this.ledger.read(pending)
  }

  get paused(): boolean {
    return this.#paused
  }

  /** Whether it has been ended. */
  get ended(): boolean {
    return this.#ended
  }

  /** Steps the partition with an object that it has room for. */
  offer(partition: Partition, object: ObjectRef): StepOutcome {
    this.ledger.admitted += 1
    if (partition.phase === 'over' || this.#ended) return this.#turnLate(partition, object)
    partition.told = false
    return this.#deliver(partition, { kind: 'object', at: object.at, object })
  }

  /** Counts and disposes an object that reaches no partition. */
  turnAway(object: ObjectRef, reason: Disposition): void {
    this.ledger.admitted += 1
    this.ledger.dispose(reason)
    this.#host.disposed(this, object, reason, undefined)
  }

  close(partition: Partition, fact: Closed): StepOutcome {
    return this.#deliver(partition, { kind: 'closed', at: this.#host.now(), fact })
  }

  watermark(partition: Partition, reached: number): StepOutcome {
    return this.#deliver(partition, { kind: 'watermark', at: this.#host.now(), reached })
  }

  flush(partition: Partition): StepOutcome {
    return this.#deliver(partition, { kind: 'flush', at: this.#host.now() })
  }

  /** Disposes what is held and starts the partition afresh. Its firings go on counting. */
  reset(partition: Partition, reason: Disposition = 'reset'): void {
    if (partition.phase === 'over') return
    this.#empty(partition, reason)
    this.#renew(partition)
  }

  /** Disposes what is held and forgets the partition. */
  drop(partition: Partition, reason: Disposition): void {
    this.#empty(partition, reason)
    partition.phase = 'over'
    this.partitions.delete(partition)
  }

  /** Disposes all that is held, for good: what still comes has no effect. */
  end(reason: Disposition): void {
    this.#ended = true
    for (const partition of [...this.partitions]) this.drop(partition, reason)
  }

  /** Lets go of objects of a session that has ended: at once, or before anything else when a pause ends. */
  dropWhere(isOfIt: (object: ObjectRef) => boolean): void {
    for (const partition of this.partitions) {
      for (const object of this.waiting.withdraw(partition, isOfIt))
        this.#letGo(partition, object, 'session-ended')
      for (const object of [...partition.pending.values()])
        if (isOfIt(object)) this.#evict(partition, object, 'session-ended')
    }
  }

  /** Whether one more object of this size may be held. */
  hasRoom(partition: Partition, bytes: number): boolean {
    const { maxPending, maxPendingBytes } = this.#common
    if (partition.pending.size >= maxPending) return false
    return partition.pending.size === 0 || partition.pendingBytes + bytes <= maxPendingBytes
  }

  /** Makes room as `onOverflow` says; false when the trigger still has none. */
  makeRoom(partition: Partition, bytes: number): boolean {
    const { onOverflow } = this.#common
    if (onOverflow === 'fireEarly') this.flush(partition)
    while (onOverflow === 'dropOldest' && !this.hasRoom(partition, bytes))
      if (!this.#evictOldest(partition)) return false
    return this.hasRoom(partition, bytes)
  }

  /** A new state. Throws `STG_TRIGGER_FAULT` when the primitive's `initialState` does. */
  initialState(): unknown {
    try {
      return this.trigger.initialState()
    } catch (cause) {
      throw faultOf(this.id, cause)
    }
  }

  /** What the partition holds and misses. Throws `STG_TRIGGER_FAULT` when the primitive's `describe` does. */
  describe(partition: Partition): Status {
    try {
      return this.trigger.describe(partition.state)
    } catch (cause) {
      throw faultOf(this.id, cause)
    }
  }

  /** Whether the fact would make the partition fire. Nothing changes. */
  wouldFire(partition: Partition, fact: Closed): boolean {
    const event: StepEvent = { kind: 'closed', at: this.#host.now(), fact }
    const step = new Step()
    try {
      const trial = partition.copy()
      step.begin(trial, event)
      return applyEvent(this.trigger, trial.state, event, step).length > 0
    } catch {
      return true // the real step will fault in the same way, and that must be seen
    }
  }

  /** From now on events wait, bounded like held objects; `resume` delivers them in order. */
  pause(): void {
    this.#paused = true
  }

  /** Ends a pause. */
  resume(): void {
    this.#paused = false
    for (const partition of this.partitions) this.resumePartition(partition)
  }

  /** Lets a halted partition try again, beginning with the event that it halted at. */
  resumePartition(partition: Partition): void {
    const haltedAt = partition.phase === 'halted' ? partition.queue?.haltedAt : undefined
    if (partition.phase === 'halted') partition.phase = 'open'
    while (!this.#waits(partition)) {
      const event = this.waiting.next(partition)
      if (event === undefined) return
      if (event.kind === 'evict') this.#evict(partition, event.object, 'session-ended')
      else if (event === haltedAt || this.timers.isStillDue(partition, event)) this.#deliver(partition, event)
    }
  }

  #deliver(partition: Partition, event: StepEvent): StepOutcome {
    if (this.#ended) return 'ignored'
    if (this.#waits(partition)) return this.#enqueue(partition, event)
    const { steps } = this.#host
    const step = steps.take()
    try {
      return this.#decide(partition, event, step)
    } finally {
      steps.giveBack(step)
    }
  }

  #decide(partition: Partition, event: StepEvent, step: Step): StepOutcome {
    step.begin(partition, event)
    partition.beforeStep()
    try {
      step.firings =
        event.kind === 'deadline'
          ? giveUp(partition, this.describe(partition).awaiting, step)
          : applyEvent(this.trigger, partition.state, event, step)
      checkFirings(this.id, step.firings, this.#targets, this.#mayFireEmpty || event.kind === 'deadline')
      step.claim(partition)
    } catch (cause) {
      return this.#fault(partition, event, step, cause)
    }
    return this.#commit(partition, event, step)
  }

  #commit(partition: Partition, event: StepEvent, step: Step): StepOutcome {
    const firstFireSeq = partition.fireSeq
    if (step.firings.length > 0) this.#countFirings(partition, step)
    for (const { object, reason } of step.disposed) this.#countDisposed(partition, object, reason)
    for (const object of step.released)
      if (partition.kept?.delete(object.seq) === true) this.ledger.fired += 1
    if (partition.kept !== undefined) this.#forgetKept(partition)
    for (const [name, dueAt] of step.timerChanges) this.timers.change(partition, name, dueAt)
    partition.record(event)
    const { deadlineMs } = this.#common
    if (deadlineMs !== undefined) this.#followDeadline(partition, event, step, deadlineMs)
    this.#host.committed(partition, event, step, firstFireSeq)
    if (step.report !== undefined) partition.report = step.report
    if (step.report !== undefined || event.kind === 'deadline') this.#endRound(partition)
    return outcomeOf(step)
  }

  #countFirings(partition: Partition, step: Step): void {
    const { order } = this.#common
    if (order !== 'declared')
      step.firings = step.firings.map((firing) => ({ ...firing, objects: inOrder(firing.objects, order) }))
    partition.fireSeq += step.firings.length
    this.ledger.fired += step.fired
    for (const seq of step.keptNow) (partition.kept ??= new Set()).add(seq)
  }

  /** Objects that firings kept and that have now been taken are counted; they need no mark any more. */
  #forgetKept({ kept, pending }: Partition): void {
    for (const seq of kept ?? []) if (!pending.has(seq)) kept?.delete(seq)
  }

  #countDisposed(partition: Partition, object: ObjectRef, reason: Disposition): void {
    if (partition.kept?.delete(object.seq) === true) this.ledger.fired += 1
    else this.ledger.dispose(reason)
  }

  #waits(partition: Partition): boolean {
    return this.#paused || partition.phase !== 'open'
  }

  /** A round's deadline runs from its first object to the firing of the trigger's own target. */
  #followDeadline(partition: Partition, event: StepEvent, step: Step, deadlineMs: number): void {
    const fired = step.firings.some(({ target }) => target === undefined)
    if (fired) this.timers.clearDeadline(partition)
    if (event.kind === 'deadline' || step.report !== undefined) return
    const begun = partition.pending.size > 0 || (step.firings.length > 0 && !fired)
    if (begun) this.timers.armDeadline(partition, event.at + deadlineMs)
  }

  /** A session has one round, and what comes later is late; a bucket starts the next. */
  #endRound(partition: Partition): void {
    if (partition.isOfSession) this.#empty(partition, 'session-ended')
    else this.#disposeDelivered(partition, 'unmatched')
    this.#renew(partition)
    if (partition.isOfSession) partition.phase = 'over'
  }

  /** A primitive that has no new state to give stops: what comes waits until it has one. */
  #renew(partition: Partition): void {
    try {
      partition.renew(this.initialState())
      partition.phase = 'open'
    } catch (cause) {
      partition.phase = 'halted'
      this.#host.faulted(partition, { kind: 'flush', at: this.#host.now() }, faultOf(this.id, cause))
    }
  }

  #empty(partition: Partition, reason: Disposition): void {
    this.waiting.clear(partition)
    this.#disposeDelivered(partition, reason)
  }

  /** What still waits for the primitive is of the next round. */
  #disposeDelivered(partition: Partition, reason: Disposition): void {
    this.timers.clearAll(partition)
    for (const object of partition.delivered) this.#letGo(partition, object, reason)
  }

  /** False when it is not held any more: a listener may have disposed it. */
  #letGo(partition: Partition, object: ObjectRef, reason: Disposition): boolean {
    if (partition.letGo(object) === undefined) return false
    this.#countDisposed(partition, object, reason)
    this.#host.disposed(this, object, reason, partition)
    return true
  }

  /** Without a session, a partition is over when its trigger is, or when a listener has had another take its place. */
  #turnLate({ isOfSession }: Partition, object: ObjectRef): StepOutcome {
    const reason = isOfSession ? 'late-closed' : this.#ended ? 'trigger-removed' : 'overflow'
    this.ledger.dispose(reason)
    this.#host.disposed(this, object, reason, undefined)
    return 'disposed'
  }

  #evictOldest(partition: Partition): boolean {
    const { oldest } = partition.pending
    if (oldest === undefined || this.#waits(partition)) return false
    return this.#evict(partition, oldest, 'overflow')
  }

  /** False when it is not let go, or not yet. */
  #evict(partition: Partition, object: ObjectRef, reason: Disposition): boolean {
    const event: StepEvent = { kind: 'evict', at: this.#host.now(), object }
    if (this.#waits(partition)) return (this.waiting.addFirst(partition, event), false)
    return this.#deliver(partition, event) !== 'faulted' && this.#letGo(partition, object, reason)
  }

  #enqueue(partition: Partition, event: StepEvent): StepOutcome {
    if (partition.phase === 'over') return 'ignored'
    this.waiting.add(partition, event)
    if (event.kind === 'object') this.#holdWaiting(partition, event.object)
    return 'queued'
  }

  #holdWaiting(partition: Partition, object: ObjectRef): void {
    if (partition.pending.has(object.seq)) return
    partition.hold(object)
    this.#host.held(partition, object)
  }

  #fault(partition: Partition, event: StepEvent, step: Step, cause: unknown): StepOutcome {
    step.unclaim(partition, event)
    if (!rollBack(partition)) this.#lose(partition, event)
    else if (this.#common.onFault === 'skip') this.#skip(partition, event)
    else this.#halt(partition, event)
    this.#host.faulted(partition, event, faultOf(this.id, cause))
    return 'faulted'
  }

  #skip(partition: Partition, event: StepEvent): void {
    if (event.kind !== 'object') return
    const held = partition.letGo(event.object)
    this.#countDisposed(partition, event.object, 'fault')
    this.#host.disposed(this, event.object, 'fault', held === undefined ? undefined : partition)
  }

  /** Not even the past can be had again: what was held is lost with the state. */
  #lose(partition: Partition, event: StepEvent): void {
    if (event.kind === 'object' && !partition.pending.has(event.object.seq)) this.#skip(partition, event)
    this.#disposeDelivered(partition, 'fault')
    this.#renew(partition)
    if (this.#common.onFault === 'halt') partition.phase = 'halted'
  }

  #halt(partition: Partition, event: StepEvent): void {
    partition.phase = 'halted'
    if (event.kind === 'evict') return
    this.waiting.haltAt(partition, event)
    if (event.kind === 'object') this.#holdWaiting(partition, event.object)
  }
}

function outcomeOf(step: Step): StepOutcome {
  if (step.firings.length > 0) return 'fired'
  if (step.holdsArrival) return 'held'
  return step.disposed.length > 0 ? 'disposed' : 'ignored'
}
