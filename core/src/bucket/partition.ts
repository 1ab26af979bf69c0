import { hash } from 'node:crypto'
import type { ObjectRef, PartitionName, Unsatisfied } from '../contract/index.js'
import type { ArmedTimer } from '../timer-queue.js'
import { Pending } from './pending.js'
import { copyState } from './plain-state.js'
import { nextState, randomOf, seedOf } from './random.js'
import { appended } from './short-list.js'
import type { StepEvent } from './step-event.js'
import type { TriggerCell } from './trigger-cell.js'
import type { WaitingEvents } from './waiting-events.js'

/** `over`: its round has ended for good, so that whatever still comes is late. */
export type PartitionPhase = 'open' | 'halted' | 'over'

/** What hooks start from: a state, undefined for the initial one, and where the random generator stands. */
interface Start {
  readonly state: unknown
  readonly random: number
}

/** A start and the events since: enough to have any later state again, because hooks are pure. */
export interface History extends Start {
  readonly events: readonly StepEvent[]
}

/** Events kept before the state is copied: the larger the state, the rarer the copy, so that a step pays O(1) for it. */
const fewestEvents = 8

/** One independent state of a trigger, with all that belongs to it. */
export class Partition {
  state: unknown
  /** Whether it ends with a session; objects without one share a partition that never ends. */
  readonly isOfSession: boolean
  phase: PartitionPhase = 'open'
  /** Firings so far; the next firing's number. */
  fireSeq: number
  /** Objects admitted and neither fired nor disposed. */
  readonly pending = new Pending()
  pendingBytes = 0
  /** `seq` of pending objects that a firing has contained already. Made when needed: a runtime may have a million partitions. */
  kept: Set<number> | undefined
  timers: Map<string, ArmedTimer> | undefined
  deadline: ArmedTimer | undefined
  /** Events that wait while the trigger is paused or the partition halted. */
  queue: WaitingEvents | undefined
  /** Which life of its session's name it belongs to; undefined for the first. */
  life: number | undefined
  /** Whether a serial firing of it runs. */
  isBusy = false
  /** Why its round could never fire, once that was known. */
  report: Unsatisfied | undefined
  /** Whether the session's end was delivered and nothing has come since. */
  told = false
  /** Undefined as long as no step has asked for a random number: it is seeded with the key. */
  #random: number | undefined
  #randomBefore: number | undefined
  #idPrefix: string | undefined
  /** Undefined from the beginning until the first copy. */
  #base: Start | undefined
  #events: StepEvent[] = []
  #earlier: History | undefined

  constructor(
    readonly cell: TriggerCell,
    readonly key: string,
    readonly name: PartitionName,
    fireSeq: number,
  ) {
    this.isOfSession = name.session !== undefined && name.session !== ''
    this.fireSeq = fireSeq
    this.state = cell.initialState()
  }

  /** The id of firing number `fireSeq`: the same after a restart, on any node. */
  firingId(fireSeq: number): string {
    this.#idPrefix ??= this.#hashName()
    return `${this.#idPrefix}.${fireSeq.toString(36)}`
  }

  /** Firings from here on belong to the trigger's new generation. */
  rename(): void {
    this.#idPrefix = undefined
    this.restart(this.state, this.random)
  }

  /** The state of the random generator, for snapshots. */
  get random(): number {
    return this.#random ?? seedOf(this.key)
  }

  nextRandom(): number {
    this.#random = nextState(this.random)
    return randomOf(this.#random)
  }

  hold(object: ObjectRef): void {
    this.pending.add(object)
    this.pendingBytes += object.bytes
  }

  /** Ends the holding of the object that the reference names; undefined when it was not held. */
  letGo({ seq }: ObjectRef): ObjectRef | undefined {
    const object = this.pending.take(seq)
    if (object !== undefined) this.pendingBytes -= object.bytes
    return object
  }

  /** What the primitive holds: all that is pending but what still waits for it. */
  get delivered(): readonly ObjectRef[] {
    const held = [...this.pending.values()]
    if (this.queue === undefined) return held
    const waiting = this.queue.objects
    return held.filter(({ seq }) => !waiting.has(seq))
  }

  /** Ends the holding of everything; what was held. */
  letGoAll(): readonly ObjectRef[] {
    const held = [...this.pending.values()]
    this.pending.clear()
    this.pendingBytes = 0
    return held
  }

  /** Notes where the random generator stands before a step, for the case that the step fails. */
  beforeStep(): void {
    this.#randomBefore = this.#random
  }

  /** Adds a committed event to the past. A state of null cannot change: of its past only the last event is kept, for `explain`. */
  record(event: StepEvent): void {
    if (this.state === null) {
      this.#events[0] = event
      return
    }
    this.#events = appended(this.#events, event)
    if (this.#events.length < fewestEvents + 2 * this.pending.size) return
    this.#earlier = this.#latest
    this.#rebase()
  }

  /** The recent past, oldest first: one or two stretches of events. */
  histories(): readonly History[] {
    const latest = this.#latest
    return this.#earlier === undefined ? [latest] : [this.#earlier, latest]
  }

  /** Whether nothing has ever happened to it. */
  get isUntouched(): boolean {
    const hasPast = this.#events.length > 0 || this.#earlier !== undefined || this.queue !== undefined
    return !hasPast && this.fireSeq === this.cell.partitions.firstFireSeq
  }

  /** Puts the state back to what it was after the last recorded event; `replay` applies one event. */
  rollBack(replay: (state: unknown, event: StepEvent) => void): void {
    const { state, random } = this.#latest
    this.#random = random
    this.state = this.freshFrom(state)
    if (this.state !== null) for (const event of this.#events) replay(this.state, event)
    this.#random = this.#randomBefore
  }

  /** A state that hooks may change, equal to one in a history. */
  freshFrom(state: unknown): unknown {
    return state === undefined ? this.cell.initialState() : copyState(state)
  }

  /** A partition of the same name and state that belongs to nobody: for trials and replays. */
  copy(): Partition {
    const copy = new Partition(this.cell, this.key, this.name, this.fireSeq)
    copy.restart(copyState(this.state), this.random)
    return copy
  }

  /** Starts the partition's life again with `state`, with no past. */
  restart(state: unknown, random: number): void {
    this.state = state
    this.#random = random
    this.#rebase()
    this.#earlier = undefined
  }

  /** Goes on with a new state; the past can still be told. */
  renew(state: unknown): void {
    if (this.#events.length > 0) this.#earlier = this.#latest
    this.state = state
    this.#rebase()
  }

  /** The past since the last copy. */
  get #latest(): History {
    const { state, random } = this.#base ?? { state: undefined, random: seedOf(this.key) }
    return { state, random, events: this.#events }
  }

  /** Has the past begin here. */
  #rebase(): void {
    this.#base = { state: copyState(this.state), random: this.random }
    this.#events = []
  }

  #hashName(): string {
    const { app, bucket, name, generation } = this.cell.definition
    const names = [app, bucket, name, generation, this.name.session ?? null, this.name.by ?? null]
    if (this.life !== undefined) names.push(this.life)
    return hash('sha256', JSON.stringify(names), 'base64url').slice(0, 22)
  }
}
