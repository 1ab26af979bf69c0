import type { BucketOptions } from '../app/bucket-options.js'
import type { PutOutcome } from '../app/handles.js'
import type { Partition } from '../bucket/partition.js'
import { findRoute, makeRoom, type Route } from '../bucket/route.js'
import { restoreSnapshot, takeSnapshot } from '../bucket/snapshot.js'
import type { StepEvent } from '../bucket/step-event.js'
import { type Refusal, type Step, Steps } from '../bucket/step.js'
import { type CellHost, TriggerCell } from '../bucket/trigger-cell.js'
import type { TriggerDefinition } from '../bucket/trigger-definition.js'
import type { Clock, Timer } from '../clock.js'
import type { Codec } from '../codec.js'
import type { Closed, Disposition, Firing, ObjectRef, Outcome } from '../contract/index.js'
import { StigmergyError } from '../errors.js'
import { sentFiring } from '../node/order.js'
import { TimerQueue } from '../timer-queue.js'
import type { Decision, Operation } from './decision.js'
import type { FiringOrder } from './firing-order.js'
import { FiringOrders } from './firing-orders.js'
import { RecentNames, type RecentNamesState } from './recent-names.js'
import { routedObject } from './routed-object.js'
import type { SentObject, SharedObject } from './shared-object.js'
import { type FreedObject, identityOf, SharedObjects } from './shared-objects.js'
import { ToldEnds, type ToldEndsState } from './told-ends.js'

/** All that a shared bucket is, as plain data. */
export interface SharedBucketState {
  readonly now: number
  readonly seq: number
  readonly objects: readonly SentObject[]
  readonly orders: readonly FiringOrder[]
  readonly recent: RecentNamesState
  readonly ends: ToldEndsState
  readonly cells: readonly {
    readonly name: string
    readonly paused: boolean
    readonly partitions: readonly Uint8Array[]
    readonly ledger: {
      readonly admitted: number
      readonly fired: number
      readonly disposed: Partial<Record<Disposition, number>>
    }
  }[]
}

/** Time as the log tells it: nothing happens by itself. */
class LogClock implements Clock {
  constructor(private at: number) {}

  now(): number {
    return this.at
  }

  setTimer(): Timer {
    return { cancel: () => undefined }
  }

  reach(at: number): void {
    if (at > this.at) this.at = at
  }
}

const usualRememberKeys = 100_000

/**
 * The triggers of a bucket that outlive sessions, at their one authority in the cluster. It is a deterministic machine: the same
 * calls, which are the entries of a log, make the same decisions with the same ids, on whichever coordinator. Time comes with the
 * entries. What it decides is collected by `takeDecisions`, and carried out by its host.
 */
export class SharedBucket implements CellHost {
  readonly timers: TimerQueue
  readonly steps = new Steps()
  readonly cells: readonly TriggerCell[]
  readonly #clock: LogClock
  readonly #multi: boolean
  readonly #objects = new SharedObjects((freed) => this.#decideFree(freed))
  readonly #recent: RecentNames
  readonly #ends: ToldEnds
  readonly #orders = new FiringOrders()
  readonly #valueCodec: Codec
  readonly #isOnlyApp: boolean
  #seq: number
  #decisions: Decision[] = []
  #refusal: Refusal | undefined
  /** Whether a trigger provided for the failure that it was told of in this call. */
  #isAbsorbed = false

  constructor(
    readonly app: string,
    readonly name: string,
    options: BucketOptions,
    definitions: readonly TriggerDefinition[],
    valueCodec: Codec,
    /** Whether no other app runs in this cluster: then the names of sessions can be short. */
    isOnlyApp: boolean,
    state?: { readonly data: SharedBucketState; readonly codec: Codec },
  ) {
    const { data, codec } = state ?? {}
    this.#multi = options.multi ?? false
    this.#valueCodec = valueCodec
    this.#isOnlyApp = isOnlyApp
    this.#clock = new LogClock(data?.now ?? 0)
    this.timers = new TimerQueue(this.#clock)
    this.#seq = data?.seq ?? 0
    this.#recent = new RecentNames(options.rememberKeys ?? usualRememberKeys, data?.recent)
    this.#ends = new ToldEnds(data?.ends)
    this.cells = definitions.map((definition) => new TriggerCell(definition, this))
    if (data !== undefined) this.#restore(data, codec!)
  }

  now(): number {
    return this.#clock.now()
  }

  /** When time itself has something done here, ms since epoch; Infinity when nothing waits for it. */
  get nextDueAt(): number {
    return this.timers.nextDueAt
  }

  /** What has been decided since the last call. */
  takeDecisions(): readonly Decision[] {
    const decisions = this.#decisions
    this.#decisions = []
    return decisions
  }

  /** Firings that are not done, oldest first. */
  get orders(): Iterable<FiringOrder> {
    return this.#orders
  }

  /** How many they are. */
  get firings(): number {
    return this.#orders.size
  }

  /** Whether it is the firing's turn, and it is not done. */
  mayRun(id: string): boolean {
    return this.#orders.mayRun(id)
  }

  /** The objects of a firing that is not done, in its order. */
  objectsOf({ objects }: FiringOrder): readonly SharedObject[] {
    return objects.map((seq) => this.#objects.at(seq))
  }

  /** Lets time pass. */
  advance(at: number): void {
    this.#clock.reach(at)
    while (this.timers.nextDueAt <= this.now()) this.timers.runDue(this.now(), true)
  }

  /** Admits an object, once. Throws `STG_TRIGGER_BUSY`, `STG_OBJECT_KEY_CONFLICT` and what a trigger refuses with. */
  put(at: number, sent: SentObject): PutOutcome {
    this.#reach(at)
    const identity = identityOf(sent.ref)
    const existing = this.#objects.find(identity)
    if (existing !== undefined) {
      this.#objects.putAgain(existing, sent)
      return 'duplicate'
    }
    if (this.#recent.has(identity)) {
      this.#decideFree(sent)
      return 'duplicate'
    }
    const object = this.#makeObject(sent)
    const cells = this.#cellsFor(object.ref)
    const routes = this.#routes(cells, object)
    this.#objects.add(object)
    this.#recent.add(identity)
    cells.forEach((cell, index) => this.#offer(cell, routes[index]!, object.ref))
    this.#objects.letGo(object)
    this.#throwRefusal(sent.ref.key)
    return 'admitted'
  }

  /**
   * A fact for those triggers that listen to such; whether one of them provides for the failure that it is. What one refuses to user code is
   * thrown.
   */
  tell(at: number, fact: Closed): boolean {
    this.#reach(at)
    const before = this.#ends.answerTo(fact)
    if (before !== undefined) return before
    this.#isAbsorbed = false
    for (const cell of this.cells)
      if (cell.listensTo(fact.scope))
        for (const partition of sharedPartitions(cell)) cell.close(partition, fact)
    this.#ends.add(fact, this.#isAbsorbed)
    if (fact.scope === 'invocation') this.#refusal = undefined
    else this.#throwRefusal(fact.name)
    return this.#isAbsorbed
  }

  /** The function of a tagged firing has failed, while its session goes on; whether its trigger provides for that. It hears so once. */
  itemFailed(at: number, id: string, fact: Closed): boolean {
    this.#reach(at)
    const order = this.#orders.find(id)
    if (order === undefined) return false
    if (order.absorbed !== undefined) return order.absorbed
    this.#isAbsorbed = false
    this.#tellItem(order, fact)
    this.#orders.failed(order, this.#isAbsorbed)
    this.#refusal = undefined
    return this.#isAbsorbed
  }

  /** A session was cancelled or has expired: triggers that want to let go of its objects. */
  dropSession(at: number, session: string): void {
    this.#reach(at)
    for (const cell of this.cells)
      if (cell.common.dropCancelled) cell.dropWhere((object) => object.session === session)
  }

  /** The invocation of a firing has ended for good. Does nothing for one that is known to have ended. */
  done(at: number, id: string, outcome: Outcome): void {
    this.#reach(at)
    const order = this.#orders.find(id)
    if (order === undefined) return
    const next = this.#orders.end(order)
    if (next !== undefined) this.#decideRun(next)
    const { tag, absorbed } = order
    if (tag !== undefined && absorbed === undefined)
      this.#tellItem(order, { scope: 'item', name: tag, outcome })
    for (const seq of order.objects) this.#objects.letGo(this.#objects.at(seq))
  }

  operate(at: number, operation: Operation): void {
    this.#reach(at)
    for (const cell of this.cells) {
      if (operation.op === 'watermark')
        for (const partition of [...cell.partitions]) cell.watermark(partition, operation.reached)
      else if (cell.id === operation.trigger) operateOn(cell, operation.op, operation.by)
    }
  }

  /** All of it as plain data, between two calls. */
  state(codec: Codec): SharedBucketState {
    return {
      now: this.now(),
      seq: this.#seq,
      objects: this.#objects.state,
      orders: [...this.#orders],
      recent: this.#recent.state,
      ends: this.#ends.state,
      cells: this.cells.map((cell) => {
        const { admitted, fired, disposed } = cell.readLedger()
        const partitions = [...cell.partitions].map((partition) => takeSnapshot(partition, codec))
        const ledger = { admitted, fired, disposed }
        return { name: cell.definition.name, paused: cell.paused, partitions, ledger }
      }),
    }
  }

  opened(): void {} // partitions of a bucket need nothing

  timersChanged(): void {} // nobody waits for them to ring

  backlogChanged(): void {} // who tells facts to a trigger that is paused waits for the log, not for it

  held(_partition: Partition, object: ObjectRef): void {
    this.#objects.at(object.seq).holds += 1
  }

  committed(partition: Partition, _event: StepEvent, step: Step, firstFireSeq: number): void {
    if (step.holdsArrival && step.arrival !== undefined) this.held(partition, step.arrival)
    step.firings.forEach((firing, at) => this.#fire(partition, firing, firstFireSeq + at))
    for (const { object, reason } of step.disposed) this.disposed(partition.cell, object, reason, undefined)
    for (const object of step.taken) this.#objects.letGo(this.#objects.at(object.seq))
    if (step.refusal !== undefined) this.#refusal = step.refusal
    if (step.absorbed) this.#isAbsorbed = true
    for (const which of step.cancellations) if ('tag' in which) this.#cancel(partition, which.tag)
    if (step.report !== undefined)
      this.#decide({
        kind: 'unsatisfied',
        trigger: partition.cell.id,
        partition: partition.name,
        report: step.report,
      })
  }

  disposed(cell: TriggerCell, object: ObjectRef, reason: Disposition, holder: Partition | undefined): void {
    this.#decide({ kind: 'disposed', trigger: cell.id, object, reason })
    if (holder !== undefined) this.#objects.letGo(this.#objects.at(object.seq))
  }

  faulted(partition: Partition, _event: StepEvent, error: StigmergyError): void {
    this.#decide({ kind: 'faulted', trigger: partition.cell.id, partition: partition.name, error })
  }

  #reach(at: number): void {
    this.#clock.reach(at)
    if (this.timers.nextDueAt < this.now()) this.timers.runDue(this.now(), false)
  }

  #makeObject({ ref, value, settle }: SentObject): SharedObject {
    this.#seq += 1
    const place = { seq: this.#seq, at: this.now() }
    const occurrence = this.#multi && ref.occurrence === undefined ? { occurrence: this.#seq } : undefined
    const made = { ref: { ...ref, ...place, ...occurrence }, value, holds: 1 }
    return settle === undefined ? made : { ...made, settle }
  }

  /** Triggers of sessions have their authority where the session is at home; without a session that is here. */
  #cellsFor({ session }: ObjectRef): readonly TriggerCell[] {
    return session === '' ? this.cells : this.cells.filter(isShared)
  }

  #routes(cells: readonly TriggerCell[], { ref, value }: SharedObject): readonly Route[] {
    const routed = cells.some(readsValues) ? routedObject(ref, value, this.#valueCodec) : ref
    const found = cells.map((cell) => findRoute(cell, routed))
    for (const route of found)
      if ('error' in route && StigmergyError.is(route.error, 'STG_CLUSTER_SHARED')) throw route.error
    return found.map((route) => ('full' in route ? makeRoom(route, ref) : route))
  }

  #offer(cell: TriggerCell, route: Route, ref: ObjectRef): void {
    if (!('reason' in route)) cell.offer(route, ref)
    else cell.turnAway(ref, route.reason)
  }

  #fire(partition: Partition, firing: Firing, fireSeq: number): void {
    const { cell } = partition
    const id = partition.firingId(fireSeq)
    const objects = firing.objects.map(({ seq }) => this.#objects.at(seq))
    for (const object of objects) object.holds += 1
    const lane = firing.serial === true ? `${cell.id}\0${partition.key}` : undefined
    const order: FiringOrder = {
      id,
      app: this.app,
      fn: firing.target ?? cell.definition.target,
      bucket: this.name,
      trigger: cell.id,
      partition: partition.name,
      session: this.#sessionOf(partition, fireSeq),
      parents: [...new Set(objects.map(({ ref }) => ref.session).filter((session) => session !== ''))],
      objects: objects.map(({ ref }) => ref.seq),
      firing: sentFiring(firing),
      tag: firing.tag,
      lane,
    }
    this.#orders.add(order)
    if (this.mayRun(id)) this.#decideRun(order)
  }

  /** As in a runtime of one process: readable where that is unique. */
  #sessionOf(partition: Partition, fireSeq: number): string {
    const { cell, name } = partition
    const isPlain = name.by === undefined && name.session === undefined && cell.definition.generation === 0
    return isPlain && this.#isOnlyApp ? `~${cell.id}/${fireSeq}` : `~${partition.firingId(fireSeq)}`
  }

  #decideRun(order: FiringOrder): void {
    this.#decide({ kind: 'fire', order, objects: this.objectsOf(order).map(({ ref }) => ref) })
  }

  #tellItem({ trigger, partition: name }: FiringOrder, fact: Closed): void {
    const cell = this.cells.find(({ id }) => id === trigger)
    const partition = cell?.partitions.find(name)
    if (cell?.listensTo('item') === true && partition !== undefined) cell.close(partition, fact)
  }

  #cancel({ cell }: Partition, tag: string): void {
    for (const order of this.#orders)
      if (order.trigger === cell.id && order.tag === tag)
        this.#decide({ kind: 'cancel', session: order.session })
  }

  #decideFree({ value, settle }: FreedObject): void {
    const about = settle === undefined ? {} : { settle: { ...settle, app: this.app, bucket: this.name } }
    this.#decide({ kind: 'free', value, ...about })
  }

  #decide(decision: Decision): void {
    this.#decisions.push(decision)
  }

  #throwRefusal(key: string): void {
    const refusal = this.#refusal
    this.#refusal = undefined
    if (refusal === undefined) return
    throw new StigmergyError(refusal.code, refusal.message, { details: { bucket: this.name, key } })
  }

  #restore(data: SharedBucketState, codec: Codec): void {
    for (const { ref, value } of data.objects) this.#objects.add({ ref, value, holds: 1 })
    for (const order of data.orders) {
      this.#orders.add(order)
      for (const seq of order.objects) this.#objects.at(seq).holds += 1
    }
    const known = ({ seq }: ObjectRef): ObjectRef => this.#objects.at(seq).ref
    for (const { name, paused, partitions, ledger } of data.cells) {
      const cell = this.cells.find(({ definition }) => definition.name === name)
      if (cell === undefined) continue // the app has this trigger no longer
      if (paused) cell.pause()
      for (const bytes of partitions) {
        const partition = restoreSnapshot(cell, bytes, codec, known)
        for (const object of partition.pending.values()) this.held(partition, object)
      }
      cell.ledger.restore(ledger)
    }
    this.#objects.letAllGo()
  }
}

/**
 * Whether the trigger's authority is the owner of the bucket, and not the home of each session. One without a state has nothing that
 * sessions could share, and decides where the objects are.
 */
export function isShared({
  definition: { common, trigger },
}: {
  readonly definition: TriggerDefinition
}): boolean {
  return common.scope === 'bucket' && trigger.initialState() !== null
}

function readsValues({ common: { filter, partitionBy } }: TriggerCell): boolean {
  return filter !== undefined || partitionBy !== undefined
}

function sharedPartitions(cell: TriggerCell): readonly Partition[] {
  const { scope, partitionBy } = cell.common
  return scope === 'bucket' && partitionBy === undefined ? [cell.partitions.open({})] : [...cell.partitions]
}

function operateOn(
  cell: TriggerCell,
  op: 'flush' | 'reset' | 'pause' | 'resume',
  by: string | undefined,
): void {
  if (op === 'pause') return cell.pause()
  if (op === 'resume') return cell.resume()
  for (const partition of [...cell.partitions]) {
    if (by !== undefined && partition.name.by !== by) continue
    if (op === 'flush') cell.flush(partition)
    else cell.reset(partition)
  }
}
