import { StigmergyError } from 'stigmergy'
import type { ObjectRef, Outcome, RuntimeDefinition, RuntimeEvent, StepEvent } from 'stigmergy'
import {
  type CellHost,
  type Partition,
  type Step,
  Steps,
  TimerQueue,
  TriggerCell,
  type TriggerDefinition,
} from '@stigmergy/core/cell'
import type { LoggedTrigger } from './event-log.js'

/** Hears what the trigger decides. */
export interface ReplayListener {
  /** `step` is valid during the call only. */
  committed(partition: Partition, event: StepEvent, step: Step): void
  faulted?(partition: Partition, event: StepEvent, error: Error): void
  /** The session of the partition has ended; what the partition holds is let go after the call. */
  sessionEnded?(partition: Partition, outcome: Outcome): void
}

type Stepped = Extract<RuntimeEvent, { readonly type: 'trigger-stepped' }>

/**
 * A trigger to which the events of a log happen again: in their order, at their times. Timers that rang in the log ring at the
 * same place; others, that only this trigger has, ring when they are due.
 */
export class ReplayedTrigger {
  readonly definition: TriggerDefinition
  readonly #cell: TriggerCell
  readonly #timers: TimerQueue
  readonly #listener: ReplayListener
  readonly #bySession = new Map<string, Partition[]>()
  /** Of sessions that have ended well: as the sessions would have, they wait for their timers. */
  readonly #waiting = new Set<Partition>()
  #now = 0

  /** Throws what a runtime would throw for the trigger. */
  constructor(
    app: string,
    trigger: LoggedTrigger,
    { registry }: RuntimeDefinition,
    listener: ReplayListener,
  ) {
    const { bucket, primitive, options, common, target, name } = trigger
    const spec = { primitive, options }
    this.definition = registry.define(
      { app, bucket, spec, target, options: { ...common, name } },
      everyFunction,
    )
    this.#listener = listener
    this.#timers = new TimerQueue({ now: () => this.#now, setTimer: () => ({ cancel: () => undefined }) })
    this.#cell = new TriggerCell(this.definition, this.#host())
  }

  /** Lets one event of the log happen, if it concerns the trigger. Throws `STG_CONFIG_INVALID` when its scope is not the logged one. */
  take(event: RuntimeEvent): void {
    if (event.type === 'trigger-stepped' && event.trigger === this.#cell.id) this.#step(event)
    if (event.type === 'object-disposed' && event.trigger === this.#cell.id) this.#letGo(event)
    if (event.type === 'session-ended') this.#endSession(event.session, event.at, event.outcome)
  }

  /** Lets time pass until the log has ended, at `at`. */
  finish(at: number): void {
    this.#advance(at)
  }

  #step({ partition: name, step }: Stepped): void {
    this.#checkScope(name)
    const partition = this.#cell.partitions.open(name)
    if (step.kind === 'timer') return this.#ring(partition.timers?.get(step.name)?.dueAt, step.at)
    if (step.kind === 'deadline') return this.#ring(partition.deadline?.dueAt, step.at)
    this.#advance(step.at)
    switch (step.kind) {
      case 'object':
        return this.#offer(partition, step.object)
      case 'closed':
        return void this.#cell.close(partition, step.fact)
      case 'watermark':
        return void this.#cell.watermark(partition, step.reached)
      case 'flush':
        return void this.#cell.flush(partition)
      case 'evict':
        return // whoever wanted room makes it again, and `#letGo` follows the others
    }
  }

  /** A timer of the log rings as late as it did then, if it is armed here, too. */
  #ring(dueAt: number | undefined, at: number): void {
    if (dueAt === undefined || dueAt > at) return this.#advance(at)
    this.#advance(dueAt)
    this.#now = Math.max(this.#now, at)
    this.#timers.runDue(dueAt, true)
    this.#dropWaiting()
  }

  /** Rings what is due before `at`, at its own time. */
  #advance(at: number): void {
    for (let due = this.#timers.nextDueAt; due < at; due = this.#timers.nextDueAt) {
      this.#now = Math.max(this.#now, due)
      this.#timers.runDue(due, true)
      this.#dropWaiting()
    }
    this.#now = Math.max(this.#now, at)
  }

  #offer(partition: Partition, object: ObjectRef): void {
    const hasRoom =
      this.#cell.hasRoom(partition, object.bytes) || this.#cell.makeRoom(partition, object.bytes)
    if (hasRoom) this.#cell.offer(partition, object)
    else this.#cell.turnAway(object, 'overflow')
  }

  /** A bucket lets go of the objects of a session that was cancelled. */
  #letGo({ object, reason }: Extract<RuntimeEvent, { readonly type: 'object-disposed' }>): void {
    if (reason === 'session-ended' && this.definition.common.dropCancelled)
      this.#cell.dropWhere(({ seq }) => seq === object.seq)
  }

  #endSession(session: string, at: number, outcome: Outcome): void {
    const ended = this.#bySession.get(session)
    if (ended === undefined) return
    this.#bySession.delete(session)
    this.#advance(at)
    for (const partition of ended)
      if (outcome === 'succeeded' && isArmed(partition)) this.#waiting.add(partition)
      else this.#drop(partition, outcome)
  }

  #dropWaiting(): void {
    for (const partition of this.#waiting) if (!isArmed(partition)) this.#drop(partition, 'succeeded')
  }

  #drop(partition: Partition, outcome: Outcome): void {
    this.#waiting.delete(partition)
    this.#listener.sessionEnded?.(partition, outcome)
    this.#cell.drop(partition, 'session-ended')
  }

  #host(): CellHost {
    const listener = this.#listener
    return {
      now: () => this.#now,
      timers: this.#timers,
      steps: new Steps(),
      held: () => undefined,
      opened: (partition) => this.#opened(partition),
      timersChanged: () => undefined,
      backlogChanged: () => undefined,
      committed: (partition, event, step) => listener.committed(partition, event, step),
      disposed: () => undefined,
      faulted: (partition, event, error) => listener.faulted?.(partition, event, error),
    }
  }

  #opened(partition: Partition): void {
    const { session = '' } = partition.name
    if (session === '') return
    const others = this.#bySession.get(session)
    if (others === undefined) this.#bySession.set(session, [partition])
    else others.push(partition)
  }

  #checkScope({ session }: Stepped['partition']): void {
    const logged = session === undefined ? 'bucket' : 'session'
    if (this.definition.common.scope === logged) return
    throw new StigmergyError(
      'STG_CONFIG_INVALID',
      `Trigger ${this.#cell.id} was logged with the scope ${logged}; a replay cannot give it another.`,
      { details: { what: `trigger ${this.#cell.id}`, field: 'scope' } },
    )
  }
}

function isArmed({ timers, deadline }: Partition): boolean {
  return deadline !== undefined || (timers?.size ?? 0) > 0
}

/** The functions of the app do not matter to what a trigger decides. */
const everyFunction = { has: () => true } as unknown as ReadonlySet<string>
