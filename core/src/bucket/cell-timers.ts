import type { TimerQueue } from '../timer-queue.js'
import type { Partition } from './partition.js'
import type { StepEvent } from './step-event.js'

/** What the timers of a cell need of it. */
export interface CellTimersHost {
  readonly timers: TimerQueue
  now(): number
  /** So many more timers of the partition are armed; fewer when negative. */
  timersChanged(partition: Partition, change: number): void
  /** Whether events of the partition have to wait at present. */
  waits(partition: Partition): boolean
  deliver(partition: Partition, event: StepEvent): void
}

/** The armed timers of one trigger: those that its primitive names, and the deadline of each round. */
export class CellTimers {
  readonly #host: CellTimersHost

  constructor(host: CellTimersHost) {
    this.#host = host
  }

  /** Arms the timer for `dueAt`, in place of one of the same name; undefined disarms it. */
  change(partition: Partition, name: string, dueAt: number | undefined): void {
    const { timers } = this.#host
    const armed = partition.timers?.get(name)
    if (armed !== undefined) timers.disarm(armed)
    if (dueAt === undefined) partition.timers?.delete(name)
    else
      (partition.timers ??= new Map()).set(
        name,
        timers.arm(dueAt, name, () => this.#ring(partition, name)),
      )
    const change = (dueAt === undefined ? 0 : 1) - (armed === undefined ? 0 : 1)
    if (change !== 0) this.#host.timersChanged(partition, change)
  }

  armDeadline(partition: Partition, dueAt: number): void {
    if (partition.deadline !== undefined) return
    partition.deadline = this.#host.timers.arm(dueAt, 'deadline', () => this.#ringDeadline(partition))
    this.#host.timersChanged(partition, 1)
  }

  clearDeadline(partition: Partition): void {
    if (partition.deadline === undefined) return
    this.#host.timers.disarm(partition.deadline)
    partition.deadline = undefined
    this.#host.timersChanged(partition, -1)
  }

  clearAll(partition: Partition): void {
    for (const name of partition.timers?.keys() ?? []) this.change(partition, name, undefined)
    this.clearDeadline(partition)
  }

  /** Whether an event that had to wait still counts: a timer may have been cleared or set anew. One that counts is used up. */
  isStillDue(partition: Partition, event: StepEvent): boolean {
    if (event.kind === 'timer') {
      const armed = partition.timers?.get(event.name)
      if (armed === undefined || armed.dueAt > event.at) return false
      this.change(partition, event.name, undefined)
    }
    if (event.kind === 'deadline') {
      if (partition.deadline === undefined || partition.deadline.dueAt > event.at) return false
      this.clearDeadline(partition)
    }
    return true
  }

  #ring(partition: Partition, name: string): void {
    const event: StepEvent = { kind: 'timer', at: this.#host.now(), name }
    if (this.#host.waits(partition)) return this.#host.deliver(partition, event)
    partition.timers?.delete(name)
    this.#host.deliver(partition, event)
    this.#host.timersChanged(partition, -1)
  }

  #ringDeadline(partition: Partition): void {
    const event: StepEvent = { kind: 'deadline', at: this.#host.now() }
    if (this.#host.waits(partition)) return this.#host.deliver(partition, event)
    partition.deadline = undefined
    this.#host.deliver(partition, event)
    this.#host.timersChanged(partition, -1)
  }
}
