import type { ObjectRef } from '../contract/index.js'
import { StigmergyError } from '../errors.js'
import type { Partition } from './partition.js'
import type { StepEvent } from './step-event.js'
import { WaitingEvents } from './waiting-events.js'

/**
 * What waits in the partitions of one trigger while it is paused, or they have halted. Of facts a partition takes `maxPending`, as of
 * objects; what the runtime itself has to tell cannot be refused and is told to the host as backlog.
 */
export class CellWaiting {
  readonly #backlogChanged: (change: number) => void

  constructor(backlogChanged: (change: number) => void) {
    this.#backlogChanged = backlogChanged
  }

  add(partition: Partition, event: StepEvent): void {
    this.#counted(partition, () => (partition.queue ??= new WaitingEvents()).add(event))
  }

  /** Has the event wait before all others. */
  addFirst(partition: Partition, event: StepEvent): void {
    this.#counted(partition, () => (partition.queue ??= new WaitingEvents()).addFirst(event))
  }

  /** Has the event wait that the partition has halted at: it is the first to be tried again. */
  haltAt(partition: Partition, event: StepEvent): void {
    this.#counted(partition, () => (partition.queue ??= new WaitingEvents()).haltAt(event))
  }

  /** Takes the event that has waited longest. */
  next(partition: Partition): StepEvent | undefined {
    return this.#counted(partition, () => partition.queue?.shift())
  }

  /** Takes out objects. */
  withdraw(partition: Partition, which: (object: ObjectRef) => boolean): readonly ObjectRef[] {
    return this.#counted(partition, () => partition.queue?.withdraw(which)) ?? []
  }

  /** Forgets all that waits. */
  clear(partition: Partition): void {
    if (partition.queue !== undefined) this.#counted(partition, () => (partition.queue = undefined))
  }

  restore(partition: Partition, events: readonly StepEvent[]): void {
    this.#counted(
      partition,
      () => (partition.queue = new WaitingEvents(events, partition.phase === 'halted')),
    )
  }

  #counted<T>(partition: Partition, act: () => T): T {
    const before = backlogOf(partition)
    const result = act()
    if (partition.queue?.size === 0) partition.queue = undefined
    const change = backlogOf(partition) - before
    if (change !== 0) this.#backlogChanged(change)
    return result
  }
}

/** How many more facts wait than the partition may hold objects. */
export function backlogOf({ cell, queue }: Partition): number {
  return queue === undefined ? 0 : Math.max(0, queue.facts - cell.common.maxPending)
}

/** Whether what a caller tells would have to wait, and too much does already. Throws `STG_TRIGGER_BUSY`. */
export function checkRoomToWait(partition: Partition, kind: 'closed' | 'watermark' | 'flush'): void {
  const { cell, phase, queue } = partition
  const waits = phase === 'halted' || (phase === 'open' && cell.paused)
  const { maxPending } = cell.common
  if (!waits || queue === undefined || queue.facts < maxPending || !queue.adds(kind)) return
  const why = phase === 'halted' ? 'has halted after a fault' : 'is paused'
  throw new StigmergyError(
    'STG_TRIGGER_BUSY',
    `Trigger ${cell.id} ${why}, and ${queue.facts} facts wait, its limit; resume() it, then try again, or raise maxPending.`,
    { retryable: true, details: { trigger: cell.id, partition: partition.name, maxPending } },
  )
}
