import {
  type Disposition,
  dispositions,
  type Firing,
  type ObjectRef,
  type PartitionName,
  type TriggerContext,
  type TriggerTimers,
  type Unsatisfied,
} from '../contract/index.js'
import { StigmergyError } from '../errors.js'
import type { Partition } from './partition.js'
import type { StepEvent } from './step-event.js'

/** What a trigger asked to stop. */
export type Cancellation = { readonly tag: string } | { readonly producers: 'open' }

/** An error for the one who caused an event. */
export interface Refusal {
  readonly code: 'STG_TRIGGER_SEALED' | 'STG_TRIGGER_SEAL_CONFLICT'
  readonly message: string
}

const knownReasons: ReadonlySet<Disposition> = new Set(dispositions)
const noFirings: readonly Firing[] = []
/** More armed timers than this in one partition is a fault: names are meant to be few. */
const maxTimers = 10_000

/**
 * One step of a trigger while it is being decided: the context of the hook, and the effects it asks for. Nothing takes effect
 * before the hook has returned and everything it asked for has been checked.
 */
export class Step implements TriggerContext {
  now = 0
  partition: PartitionName = {}
  firings: readonly Firing[] = noFirings
  /** Disposed objects with their reasons, in turn. */
  readonly disposed: { readonly object: ObjectRef; readonly reason: Disposition }[] = []
  readonly released: ObjectRef[] = []
  readonly timerChanges = new Map<string, number | undefined>()
  readonly cancellations: Cancellation[] = []
  report: Unsatisfied | undefined
  refusal: Refusal | undefined
  absorbed = false
  /** How many objects the firings take for good. */
  fired = 0
  /** The object of this event, unless the partition held it before. */
  arrival: ObjectRef | undefined
  /** The same while nothing has claimed it; what is left of it after the step is held. */
  arriving: ObjectRef | undefined
  /** Whether the object of this event is held from now on. */
  holdsArrival = false
  readonly timers: TriggerTimers = {
    set: (name, atMs) => this.#setTimer(name, atMs),
    clear: (name) => this.#setTimer(name, undefined),
  }
  /** Objects that the partition held and holds no longer. */
  readonly taken: ObjectRef[] = []
  readonly #kept: number[] = []
  /** By the copies of references that a trigger has used, the partition's own objects. */
  readonly #own = new Map<ObjectRef, ObjectRef>()
  #owner: Partition | undefined

  /** Id of the trigger that is being stepped. */
  get trigger(): string {
    return this.#inUse().cell.id
  }

  begin(partition: Partition, event: StepEvent): void {
    this.#owner = partition
    this.now = event.at
    this.partition = partition.name
    this.arrival =
      event.kind === 'object' && !partition.pending.has(event.object.seq) ? event.object : undefined
    this.arriving = this.arrival
  }

  /** Forgets everything: a step at rest keeps nothing alive. */
  end(): void {
    this.#owner = undefined
    this.firings = noFirings
    if (this.disposed.length > 0) this.disposed.length = 0
    if (this.released.length > 0) this.released.length = 0
    if (this.timerChanges.size > 0) this.timerChanges.clear()
    if (this.cancellations.length > 0) this.cancellations.length = 0
    if (this.taken.length > 0) this.taken.length = 0
    if (this.#own.size > 0) this.#own.clear()
    if (this.#kept.length > 0) this.#kept.length = 0
    this.report = undefined
    this.refusal = undefined
    this.absorbed = false
    this.fired = 0
    this.arrival = undefined
    this.arriving = undefined
    this.holdsArrival = false
  }

  dispose(object: ObjectRef, reason: Disposition): void {
    this.#inUse()
    if (!knownReasons.has(reason))
      throw brokenContract(this.trigger, `it disposes for the unknown reason ${JSON.stringify(reason)}`)
    this.disposed.push({ object, reason })
  }

  release(object: ObjectRef): void {
    this.#inUse()
    this.released.push(object)
  }

  unsatisfied(report: Unsatisfied): void {
    this.#inUse()
    this.report ??= report
  }

  refuse(code: Refusal['code'], message: string): void {
    this.#inUse()
    this.refusal ??= { code, message }
  }

  absorb(): void {
    this.#inUse()
    this.absorbed = true
  }

  cancel(which: Cancellation): void {
    this.#inUse()
    this.cancellations.push(which)
  }

  random(): number {
    return this.#inUse().nextRandom()
  }

  /** Takes from the partition all that the effects claim. Throws `STG_TRIGGER_FAULT` where they claim what is not held. */
  claim(partition: Partition): void {
    if (this.timerChanges.size > 0) this.#checkTimers(partition)
    for (const firing of this.firings) this.#claimFiring(partition, firing)
    for (const { object } of this.disposed) this.#take(partition, object)
    for (const object of this.released) {
      if (partition.kept?.has(object.seq) !== true && !this.#kept.includes(object.seq))
        throw this.#notHeld(object, 'releases')
      this.#take(partition, object)
    }
    if (this.arriving !== undefined) this.#holdArrival(partition, this.arriving)
    if (this.#own.size > 0) this.#replaceCopies()
  }

  /** `seq` of the objects that this step's firings contain and the partition goes on holding. */
  get keptNow(): readonly number[] {
    return this.#kept
  }

  /** Gives back what a failed `claim` has taken. */
  unclaim(partition: Partition, event: StepEvent): void {
    if (this.holdsArrival && event.kind === 'object') partition.letGo(event.object)
    if (this.taken.length === 0) return
    const all = [...partition.letGoAll(), ...this.taken.filter((object) => object !== this.arrival)]
    all.sort((a, b) => a.seq - b.seq).forEach((object) => partition.hold(object))
  }

  #claimFiring(partition: Partition, firing: Firing): void {
    const { objects, keeps } = firing
    if (keeps === undefined) {
      for (const object of objects) this.#take(partition, object)
      this.fired += objects.length
      return
    }
    const kept = new Set(keeps.map(({ seq }) => seq))
    for (const object of objects) {
      if (kept.has(object.seq)) this.#keep(partition, object)
      else this.#take(partition, object)
    }
    for (const { seq } of objects) if (!kept.has(seq)) this.fired += 1
  }

  #take(partition: Partition, object: ObjectRef): void {
    if (this.#isArriving(object)) {
      this.#note(object, this.arriving)
      this.arriving = undefined
      return
    }
    const held = partition.letGo(object)
    if (held === undefined) throw this.#notHeld(object, 'lets go of')
    this.#note(object, held)
    this.taken.push(held)
  }

  #keep(partition: Partition, object: ObjectRef): void {
    if (this.#isArriving(object)) this.#holdArrival(partition, this.arriving!)
    const held = partition.pending.get(object.seq)
    if (held === undefined) throw this.#notHeld(object, 'keeps')
    this.#note(object, held)
    this.#kept.push(object.seq)
  }

  #isArriving(object: ObjectRef): boolean {
    return this.arriving !== undefined && this.arriving.seq === object.seq
  }

  #note(object: ObjectRef, own: ObjectRef | undefined): void {
    if (own !== undefined && own !== object) this.#own.set(object, own)
  }

  /** States are plain data, so triggers may hold copies of references: after a restart they all do. */
  #replaceCopies(): void {
    const ownOf = (object: ObjectRef): ObjectRef => this.#own.get(object) ?? object
    this.firings = this.firings.map((firing) => ({
      ...firing,
      objects: firing.objects.map(ownOf),
      ...(firing.keeps === undefined ? {} : { keeps: firing.keeps.map(ownOf) }),
    }))
    for (const [at, { object, reason }] of this.disposed.entries())
      this.disposed[at] = { object: ownOf(object), reason }
    for (const [at, object] of this.released.entries()) this.released[at] = ownOf(object)
  }

  #holdArrival(partition: Partition, object: ObjectRef): void {
    partition.hold(object)
    this.arriving = undefined
    this.holdsArrival = true
  }

  #notHeld(object: ObjectRef, verb: string): StigmergyError {
    return brokenContract(
      this.trigger,
      `it ${verb} object ${JSON.stringify(object?.key)}, which it does not hold`,
    )
  }

  /** The partition that is being stepped. Throws a `TypeError` for a primitive that has kept its context. */
  #inUse(): Partition {
    if (this.#owner === undefined) throw new TypeError('The context of a hook is valid during the hook only')
    return this.#owner
  }

  #setTimer(name: string, atMs: number | undefined): void {
    this.#inUse()
    if (atMs !== undefined && !Number.isFinite(atMs))
      throw brokenContract(this.trigger, `it arms timer ${JSON.stringify(name)} for ${atMs}`)
    this.timerChanges.set(name, atMs)
  }

  #checkTimers({ timers }: Partition): void {
    let armed = timers?.size ?? 0
    for (const [name, dueAt] of this.timerChanges)
      armed += (dueAt === undefined ? 0 : 1) - (timers?.has(name) === true ? 1 : 0)
    if (armed > maxTimers) throw brokenContract(this.trigger, `it arms more than ${maxTimers} timers`)
  }
}

/**
 * Steps at rest. All cells of a host share them, so that what a step touches stays near the processor however many triggers there are.
 * There are as many as steps were ever under way at a time: a listener that puts while one is committed begins another.
 */
export class Steps {
  readonly #resting: Step[] = []

  take(): Step {
    return this.#resting.pop() ?? new Step()
  }

  /** The step forgets everything. */
  giveBack(step: Step): void {
    step.end()
    this.#resting.push(step)
  }
}

/** The error for a primitive that does what the contract forbids. */
export function brokenContract(trigger: string, what: string): StigmergyError {
  return new StigmergyError('STG_TRIGGER_FAULT', `Trigger ${trigger} broke the contract: ${what}.`, {
    details: { trigger },
  })
}
