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
import type {
  Closed,
  Disposition,
  Firing,
  ObjectRef,
  Outcome,
  PartitionName,
  Unsatisfied,
} from '../contract/index.js'
import { StigmergyError } from '../errors.js'
import { sentFiring } from '../node/order.js'
import { TimerQueue } from '../timer-queue.js'
import type { FiringOrder } from './firing-order.js'
import { RecentNames, type RecentNamesState } from './recent-names.js'
import { routedObject } from './routed-object.js'
import { ToldEnds, type ToldEndsState } from './told-ends.js'
import type { PutToSettle, SentObject, SentValue, SharedObject } from './shared-object.js'

/** What a shared bucket has decided; carried out by whoever holds its shard. */
export type Decision =
  | { readonly kind: 'fire'; readonly order: FiringOrder; readonly objects: readonly ObjectRef[] }
  /** Nothing here wants the value any more. */
  | {
      readonly kind: 'free'
      readonly value: SentValue
      /** Whoever has put it hears of it. */
      readonly settle?: PutToSettle & { readonly app: string; readonly bucket: string }
    }
  | {
      readonly kind: 'disposed'
      readonly trigger: string
      readonly object: ObjectRef
      readonly reason: Disposition
    }
  | {
      readonly kind: 'unsatisfied'
      readonly trigger: string
      readonly partition: PartitionName
      readonly report: Unsatisfied
    }
  | {
      readonly kind: 'faulted'
      readonly trigger: string
      readonly partition: PartitionName
      readonly error: StigmergyError
    }
  /** What the firing that runs in this session still does is in vain. */
  | { readonly kind: 'cancel'; readonly session: string }

/** What can be asked of the triggers of a bucket. */
export type Operation =
  | { readonly op: 'flush' | 'reset' | 'pause' | 'resume'; readonly trigger: string; readonly by?: string }
  | { readonly op: 'watermark'; readonly reached: number }

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
  readonly #objects = new Map<number, SharedObject>()
  /** By identity, those of `#objects`. */
  readonly #seqs = new Map<string, number>()
  readonly #recent: RecentNames
  readonly #ends: ToldEnds
  readonly #orders = new Map<string, FiringOrder>()
  readonly #lanes = new Map<string, string[]>()
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
    return this.#orders.values()
  }

  /** How many they are. */
  get firings(): number {
    return this.#orders.size
  }

  /** Whether it is the firing's turn, and it is not done. */
  mayRun(id: string): boolean {
    const order = this.#orders.get(id)
    return order !== undefined && (order.lane === undefined || this.#lanes.get(order.lane)?.[0] === id)
  }

  /** The objects of a firing that is not done, in its order. */
  objectsOf({ objects }: FiringOrder): readonly SharedObject[] {
    return objects.map((seq) => this.#objects.get(seq)!)
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
    const existing = this.#seqs.get(identity)
    if (existing !== undefined) return this.#again(existing, sent)
    if (this.#recent.has(identity)) return this.#free(sent)
    const object = this.#makeObject(sent)
    const cells = this.#cellsFor(object.ref)
    const routes = this.#routes(cells, object)
    this.#objects.set(object.ref.seq, object)
    this.#seqs.set(identity, object.ref.seq)
    this.#recent.add(identity)
    cells.forEach((cell, index) => this.#offer(cell, routes[index]!, object.ref))
    this.#letGo(object)
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
    const order = this.#orders.get(id)
    if (order === undefined) return false
    if (order.absorbed !== undefined) return order.absorbed
    this.#isAbsorbed = false
    this.#tellItem(order, fact)
    this.#orders.set(id, { ...order, absorbed: this.#isAbsorbed })
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
    const order = this.#orders.get(id)
    if (order === undefined) return
    this.#orders.delete(id)
    if (order.lane !== undefined) this.#leaveLane(order.lane, id)
    const { tag, absorbed } = order
    if (tag !== undefined && absorbed === undefined)
      this.#tellItem(order, { scope: 'item', name: tag, outcome })
    for (const seq of order.objects) this.#letGo(this.#objects.get(seq)!)
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
      objects: [...this.#objects.values()].map(({ ref, value }) => ({ ref, value })),
      orders: [...this.#orders.values()],
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
    this.#objects.get(object.seq)!.holds += 1
  }

  committed(partition: Partition, _event: StepEvent, step: Step, firstFireSeq: number): void {
    if (step.holdsArrival && step.arrival !== undefined) this.held(partition, step.arrival)
    step.firings.forEach((firing, at) => this.#fire(partition, firing, firstFireSeq + at))
    for (const { object, reason } of step.disposed) this.disposed(partition.cell, object, reason, undefined)
    for (const object of step.taken) this.#letGo(this.#objects.get(object.seq)!)
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
    if (holder !== undefined) this.#letGo(this.#objects.get(object.seq)!)
  }

  faulted(partition: Partition, _event: StepEvent, error: StigmergyError): void {
    this.#decide({ kind: 'faulted', trigger: partition.cell.id, partition: partition.name, error })
  }

  #reach(at: number): void {
    this.#clock.reach(at)
    if (this.timers.nextDueAt < this.now()) this.timers.runDue(this.now(), false)
  }

  /** A put of what is here. It may come from a session that runs again because the node that had the value is gone. */
  #again(seq: number, sent: SentObject): PutOutcome {
    const { value, ref, settle } = sent
    const existing = this.#objects.get(seq)!
    if (ref.session === '' && !sameContent(existing.value, value)) throw conflict(existing.ref)
    if ('inline' in value || ('ticket' in existing.value && existing.value.node === value.node))
      return this.#free({ value, settle: this.#settleLater(existing, settle) })
    const { value: before } = existing
    existing.value = value
    return this.#free({ value: before, settle: this.#settleLater(existing, settle) })
  }

  /** The last who has put it hears what becomes of it; the one who was to hear of it before. */
  #settleLater(object: SharedObject, settle: PutToSettle | undefined): PutToSettle | undefined {
    const { settle: before } = object
    object.settle = settle
    const isRepeated = before?.put === settle?.put && before?.address === settle?.address
    return isRepeated ? undefined : before
  }

  /** Nobody here will fetch the value of a duplicate. */
  #free(freed: Pick<SharedObject, 'value' | 'settle'>): 'duplicate' {
    this.#decideFree(freed)
    return 'duplicate'
  }

  #decideFree({ value, settle }: Pick<SharedObject, 'value' | 'settle'>): void {
    const about = settle === undefined ? {} : { settle: { ...settle, app: this.app, bucket: this.name } }
    this.#decide({ kind: 'free', value, ...about })
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
    const objects = firing.objects.map(({ seq }) => this.#objects.get(seq)!)
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
    this.#orders.set(id, order)
    if (lane !== undefined) this.#lanes.set(lane, [...(this.#lanes.get(lane) ?? []), id])
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

  #leaveLane(lane: string, id: string): void {
    const left = this.#lanes.get(lane)!.filter((other) => other !== id)
    if (left.length === 0) return void this.#lanes.delete(lane)
    this.#lanes.set(lane, left)
    const next = this.#orders.get(left[0]!)
    if (next !== undefined) this.#decideRun(next)
  }

  #tellItem({ trigger, partition: name }: FiringOrder, fact: Closed): void {
    const cell = this.cells.find(({ id }) => id === trigger)
    const partition = cell?.partitions.find(name)
    if (cell?.listensTo('item') === true && partition !== undefined) cell.close(partition, fact)
  }

  #cancel({ cell }: Partition, tag: string): void {
    for (const order of this.#orders.values())
      if (order.trigger === cell.id && order.tag === tag)
        this.#decide({ kind: 'cancel', session: order.session })
  }

  #letGo(object: SharedObject): void {
    object.holds -= 1
    if (object.holds > 0) return
    this.#objects.delete(object.ref.seq)
    this.#seqs.delete(identityOf(object.ref))
    this.#decideFree(object)
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
    for (const { ref, value } of data.objects) {
      this.#objects.set(ref.seq, { ref, value, holds: 1 })
      this.#seqs.set(identityOf(ref), ref.seq)
    }
    for (const order of data.orders) {
      this.#orders.set(order.id, order)
      for (const seq of order.objects) this.#objects.get(seq)!.holds += 1
      if (order.lane !== undefined)
        this.#lanes.set(order.lane, [...(this.#lanes.get(order.lane) ?? []), order.id])
    }
    const known = ({ seq }: ObjectRef): ObjectRef => this.#objects.get(seq)!.ref
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
    for (const object of [...this.#objects.values()]) this.#letGo(object)
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

/** What makes an object this one and no other; `occurrence` is set in `multi` buckets only. */
function identityOf({ session, role, key, occurrence }: ObjectRef): string {
  return JSON.stringify([session, role ?? null, key, occurrence ?? null])
}

function sameContent(a: SharedObject['value'], b: SharedObject['value']): boolean {
  if ('inline' in a && 'inline' in b) return Buffer.compare(a.inline, b.inline) === 0
  return 'inline' in a === 'inline' in b
}

function conflict({ bucket, session, key, producer }: ObjectRef): StigmergyError {
  return new StigmergyError(
    'STG_OBJECT_KEY_CONFLICT',
    `Key ${JSON.stringify(key)} of bucket ${bucket} is taken by an object with other content. ` +
      'Objects are immutable: use another key, or leave it out to have one made.',
    { details: { bucket, session, key, producer } },
  )
}
