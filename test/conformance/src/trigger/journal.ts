import type {
  Disposition,
  Firing,
  ObjectRef,
  PartitionName,
  StigmergyError,
  Unsatisfied,
} from '@stigmergy/core'
import {
  type Cancellation,
  type CellHost,
  type Partition,
  type Refusal,
  type Step as CellStep,
  type StepEvent,
  Steps,
  type TimerQueue,
  type TriggerCell,
} from '@stigmergy/core/cell'
import { Tally } from './tally.js'

/** A firing as a runtime would run it. */
export interface RecordedFiring extends Firing {
  /** The same in every run of the same events, before and after a restart. */
  readonly id: string
  readonly at: number
  readonly partition: PartitionName
}

/** What one event led to. */
export interface Decision {
  readonly is: 'decision'
  readonly at: number
  readonly partition: PartitionName
  readonly event: StepEvent
  readonly firings: readonly RecordedFiring[]
  readonly disposed: readonly { readonly object: ObjectRef; readonly reason: Disposition }[]
  readonly released: readonly ObjectRef[]
  /** Due times of timers that were armed; undefined for those that were disarmed. */
  readonly timers: ReadonlyMap<string, number | undefined>
  readonly report: Unsatisfied | undefined
  readonly refusal: Refusal | undefined
  readonly cancellations: readonly Cancellation[]
  readonly absorbed: boolean
}

/** An object that was let go without a hook deciding it: turned away, or held when the trigger was reset or dropped. */
export interface Disposal {
  readonly is: 'disposal'
  readonly at: number
  readonly partition: PartitionName | undefined
  readonly object: ObjectRef
  readonly reason: Disposition
}

/** A hook threw or broke the contract. */
export interface Fault {
  readonly is: 'fault'
  readonly at: number
  readonly partition: PartitionName
  readonly event: StepEvent
  readonly error: StigmergyError
}

export type Entry = Decision | Disposal | Fault

/** The surroundings of a cell that write down all it does, and count it independently. */
export class Journal implements CellHost {
  readonly steps = new Steps()
  readonly entries: Entry[] = []
  readonly firings: RecordedFiring[] = []
  readonly tally = new Tally()
  /** Called when a decision has just been committed, before anything could run because of it. */
  onDecision: ((decision: Decision, partition: Partition) => void) | undefined
  /** Called when a fault has been dealt with. */
  onFault: ((fault: Fault, partition: Partition) => void) | undefined

  constructor(
    readonly now: () => number,
    readonly queue: () => TimerQueue,
  ) {}

  get timers(): TimerQueue {
    return this.queue()
  }

  get decisions(): readonly Decision[] {
    return this.entries.filter((entry) => entry.is === 'decision')
  }

  /** All that was let go, whoever decided it. */
  get disposals(): readonly { readonly object: ObjectRef; readonly reason: Disposition }[] {
    return this.entries.flatMap((entry) => {
      if (entry.is === 'fault') return []
      return entry.is === 'disposal' ? [entry] : entry.disposed
    })
  }

  get faults(): readonly Fault[] {
    return this.entries.filter((entry) => entry.is === 'fault')
  }

  committed(partition: Partition, event: StepEvent, step: CellStep, firstFireSeq: number): void {
    const at = step.now
    const decision: Decision = {
      is: 'decision',
      at,
      partition: partition.name,
      event,
      firings: step.firings.map((firing, index) => ({
        ...firing,
        id: partition.firingId(firstFireSeq + index),
        at,
        partition: partition.name,
      })),
      disposed: [...step.disposed],
      released: [...step.released],
      timers: new Map(step.timerChanges),
      report: step.report,
      refusal: step.refusal,
      cancellations: [...step.cancellations],
      absorbed: step.absorbed,
    }
    this.entries.push(decision)
    this.firings.push(...decision.firings)
    this.tally.decide(decision)
    this.onDecision?.(decision, partition)
  }

  disposed(_cell: TriggerCell, object: ObjectRef, reason: Disposition, holder: Partition | undefined): void {
    this.entries.push({ is: 'disposal', at: this.now(), partition: holder?.name, object, reason })
    this.tally.dispose(object, reason)
  }

  faulted(partition: Partition, event: StepEvent, error: StigmergyError): void {
    const fault: Fault = { is: 'fault', at: this.now(), partition: partition.name, event, error }
    this.entries.push(fault)
    this.onFault?.(fault, partition)
  }

  held(_partition: Partition, object: ObjectRef): void {
    this.tally.hold(object)
  }

  opened(): void {}

  backlogChanged(): void {}

  timersChanged(): void {}
}
