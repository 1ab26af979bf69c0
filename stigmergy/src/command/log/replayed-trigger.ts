import type { Closed, Disposition, ObjectRef, RuntimeDefinition, RuntimeEvent, StepEvent } from 'stigmergy'
import {
  type CellHost,
  type Partition,
  type Step,
  TimerQueue,
  TriggerCell,
  type TriggerDefinition,
} from '@stigmergy/core/cell'
import type { LoggedTrigger } from './event-log.js'

/** Hears what the trigger decides. */
export interface ReplayListener {
  /** `step` is valid during the call only. */
  committed(partition: Partition, event: StepEvent, step: Step): void
  /** An object was let go without a hook deciding it. */
  disposed?(object: ObjectRef, reason: Disposition): void
  faulted?(partition: Partition, event: StepEvent, error: Error): void
}

type Stepped = Extract<RuntimeEvent, { readonly type: 'trigger-stepped' }>

/** A trigger to which the events of a log happen again: at their times, and in their order. What is due in between rings by itself. */
export class ReplayedTrigger {
  readonly definition: TriggerDefinition
  readonly #cell: TriggerCell
  readonly #timers: TimerQueue
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
    const now = (): number => this.#now
    this.#timers = new TimerQueue({ now, setTimer: () => ({ cancel: () => undefined }) })
    this.#cell = new TriggerCell(this.definition, hostOf(this.#timers, now, listener))
  }

  /** Lets one event of the log happen, if it concerns the trigger. */
  take(event: RuntimeEvent): void {
    if (event.type === 'trigger-stepped' && event.trigger === this.#cell.id) this.#step(event)
    if (event.type === 'session-ended') this.#endSession(event.session)
  }

  #step({ partition: name, step }: Stepped): void {
    this.#now = Math.max(this.#now, step.at)
    this.#timers.runDue(this.#now, false)
    const partition = this.#cell.partitions.open(name)
    switch (step.kind) {
      case 'object':
        return this.#offer(partition, step.object)
      case 'closed':
        return void this.#close(partition, step.fact)
      case 'watermark':
        return void this.#cell.watermark(partition, step.reached)
      case 'flush':
        return void this.#cell.flush(partition)
      case 'timer':
      case 'deadline':
        return this.#timers.runDue(this.#now, true)
      case 'evict':
        return // room is made by whoever needs it
    }
  }

  #offer(partition: Partition, object: ObjectRef): void {
    const hasRoom =
      this.#cell.hasRoom(partition, object.bytes) || this.#cell.makeRoom(partition, object.bytes)
    if (hasRoom) this.#cell.offer(partition, object)
    else this.#cell.turnAway(object, 'overflow')
  }

  #close(partition: Partition, fact: Closed): void {
    this.#cell.close(partition, fact)
  }

  #endSession(session: string): void {
    for (const partition of [...this.#cell.partitions])
      if (partition.name.session === session) this.#cell.drop(partition, 'session-ended')
  }
}

/** The functions of the app do not matter to what a trigger decides. */
const everyFunction = { has: () => true } as unknown as ReadonlySet<string>

function hostOf(timers: TimerQueue, now: () => number, listener: ReplayListener): CellHost {
  return {
    now,
    timers,
    held: () => undefined,
    opened: () => undefined,
    timersChanged: () => undefined,
    backlogChanged: () => undefined,
    committed: (partition, event, step) => listener.committed(partition, event, step),
    disposed: (_cell, object, reason) => listener.disposed?.(object, reason),
    faulted: (partition, event, error) => listener.faulted?.(partition, event, error),
  }
}
