import {
  CborCodec,
  StigmergyError,
  type AnyPrimitive,
  type Disposition,
  type ObjectRef,
  type Outcome,
  type Part,
  type PrimitiveClass,
  type Status,
  type Trigger,
  type TriggerOptions,
} from '@stigmergy/core'
import {
  defineTrigger,
  findIn,
  restoreSnapshot,
  routeTo,
  takeSnapshot,
  TimerQueue,
  TriggerCell,
  type LedgerEntry,
  type Partition,
  type Route,
  type StepOutcome,
  type TriggerDefinition,
} from '@stigmergy/core/cell'
import { ManualClock } from './manual-clock.js'
import { isTold, tellEnd } from './trigger/ending.js'
import { freeze } from './trigger/freeze.js'
import { Identities } from './trigger/identities.js'
import { Journal, type RecordedFiring } from './trigger/journal.js'
import { defaultSession, type ClosedStep, type PutStep, type Step } from './trigger/step.js'

/** What a harness can be told besides the options of the primitive. */
export interface HarnessSettings {
  /** The options that every trigger has. */
  readonly common?: TriggerOptions
  /** Whether the bucket takes several objects of one key. Default false. */
  readonly multi?: boolean
  /** The time at the beginning, ms since epoch. Default 0. */
  readonly startMs?: number
  /** The primitives that the options name, for one that is made of others. Default none. */
  readonly primitives?: readonly AnyPrimitive[]
  /** What the trigger is called through, to see or disturb what it does. Default: nothing. */
  readonly instrument?: (definition: TriggerDefinition) => Trigger<unknown, unknown>
}

/** What became of a put: as for other events, or the key was taken (`duplicate`), or there was no room (`busy`). */
export type PutOutcome = StepOutcome | 'duplicate' | 'busy'

/** The function of the trigger under test: the target of firings that name none. */
export const ownTarget = 'target'

const codec = new CborCodec()
const app = 'app'
const bucket = 'bucket'
const name = 'trigger'

/**
 * One trigger, run as a runtime runs it, on a clock that only moves when told: for tests of a primitive.
 *
 * ```ts
 * const harness = new TriggerHarness(EveryNth, { n: 2 })
 * harness.play('a', 'b', { advance: 100 }, 'c')
 * t.deepEqual(harness.fired, [['b']])
 * ```
 */
export class TriggerHarness<Options = unknown> {
  readonly clock: ManualClock
  readonly journal: Journal
  readonly #define: () => TriggerDefinition
  readonly #instrument: (definition: TriggerDefinition) => Trigger<unknown, unknown>
  readonly #identities: Identities
  /** Sessions that are over. */
  readonly #ended = new Set<string>()
  #timers: TimerQueue
  #cell: TriggerCell
  /** The trigger without instruments. */
  #definition: TriggerDefinition

  /** Throws `STG_OPTIONS_INVALID` and what else a runtime would refuse. */
  constructor(primitive: PrimitiveClass<Options>, options: unknown, settings: HarnessSettings = {}) {
    const {
      common = {},
      multi = false,
      startMs,
      primitives = [],
      instrument = ({ trigger }) => trigger,
    } = settings
    const find = findIn(primitives as readonly unknown[] as readonly PrimitiveClass[])
    const type = primitive as PrimitiveClass
    this.#define = () => defineTrigger({ app, bucket, name, target: ownTarget, type, options, find, common })
    this.#instrument = instrument
    this.clock = new ManualClock(startMs)
    this.#timers = new TimerQueue(this.clock)
    this.journal = new Journal(
      () => this.clock.now(),
      () => this.#timers,
    )
    this.#definition = this.#define()
    this.#cell = this.#makeCell()
    const { firings } = this.journal
    this.#identities = new Identities({ bucket, trigger: this.#cell.id, multi, firings })
  }

  /** The cell under test: another one after a restart. */
  get cell(): TriggerCell {
    return this.#cell
  }

  /** All firings so far, with their ids. */
  get firings(): readonly RecordedFiring[] {
    return this.journal.firings
  }

  /** The keys of the objects of each firing so far. */
  get fired(): readonly (readonly string[])[] {
    return this.firings.map(({ objects }) => objects.map(({ key }) => key))
  }

  /** The keys of disposed objects by reason, in turn. */
  get disposed(): Readonly<Partial<Record<Disposition, readonly string[]>>> {
    const keys: Partial<Record<Disposition, string[]>> = {}
    for (const { object, reason } of this.journal.disposals) (keys[reason] ??= []).push(object.key)
    return keys
  }

  /** Where the objects have gone that this cell admitted. */
  get ledger(): LedgerEntry {
    return this.#cell.readLedger()
  }

  /** When the next timer is due; Infinity when none is armed. */
  get nextTimerAt(): number {
    return this.#timers.nextDueAt
  }

  /** Due times of the armed timers by name. */
  timers(session = defaultSession): ReadonlyMap<string, number> {
    const timers = this.partitions(session).flatMap((partition) => [...(partition.timers ?? [])])
    return new Map(timers.map(([timer, { dueAt }]) => [timer, dueAt]))
  }

  /** What the trigger says that it holds and awaits; undefined when it has no state for the session. */
  describe(session = defaultSession): Status | undefined {
    const [partition] = this.partitions(session)
    return partition && this.#cell.describe(partition)
  }

  /** The states that a session concerns: its own, or those of the bucket. */
  partitions(session: string): readonly Partition[] {
    const all = [...this.#cell.partitions]
    return this.#ofBucket ? all : all.filter((partition) => partition.name.session === session)
  }

  /** Lets the steps happen one after the other. */
  play(...steps: readonly Step[]): this {
    for (const step of steps) this.step(step)
    return this
  }

  /** Lets one thing happen. */
  step(step: Step): void {
    if (typeof step === 'string') this.put({ put: step })
    else if ('put' in step) this.put(step)
    else if ('advance' in step) this.advance(step.advance)
    else if ('jump' in step) this.clock.jump(step.jump)
    else if ('closed' in step) this.close(step)
    else if ('flush' in step) this.flush(step.session)
    else if ('reset' in step) this.reset(step.session)
    else this.end(step.end, step.session)
  }

  /** Lets an object become available. */
  put(put: string | PutStep): PutOutcome {
    this.#runOverdue()
    const step = typeof put === 'string' ? { put } : put
    const object = this.#identities.objectOf(step, this.clock.now())
    if (this.#identities.isTaken(object)) return 'duplicate'
    const route = this.#routeOf(object)
    if (route === 'busy') return 'busy'
    this.#identities.take(object)
    this.journal.tally.admitted += 1
    if (!('reason' in route)) return this.#cell.offer(route, object)
    this.#cell.turnAway(object, route.reason)
    return 'disposed'
  }

  /** Lets time pass and timers run. */
  advance(ms: number): void {
    this.clock.advance(ms)
  }

  /** Tells the trigger that something has ended. */
  close(step: ClosedStep): void {
    this.#runOverdue()
    const session = step.session ?? defaultSession
    if (this.#ended.has(session)) return
    const { fact, partition } = this.#identities.factOf(step)
    if (!isTold(this.#definition, fact)) return
    const concerned = partition === undefined ? this.#openPartitions(session) : this.#named(partition)
    for (const each of concerned) this.#cell.close(each, fact)
  }

  /** Asks for what is held. */
  flush(session = defaultSession): void {
    this.#runOverdue()
    for (const partition of this.partitions(session)) this.#cell.flush(partition)
  }

  /** Disposes what is held and lets the trigger start afresh. */
  reset(session = defaultSession): void {
    this.#runOverdue()
    for (const partition of this.partitions(session)) this.#cell.reset(partition)
  }

  /** Ends the session as a runtime does. Triggers of a bucket go on; objects of the session that come later are late. */
  end(outcome: Outcome, session = defaultSession): void {
    this.#runOverdue()
    if (this.#ended.has(session)) return
    this.#ended.add(session)
    const isDropped = outcome === 'cancelled' || outcome === 'expired'
    if (!this.#ofBucket)
      for (const partition of this.partitions(session)) this.#endPartition(partition, outcome, session)
    else if (isDropped && this.#cell.common.dropCancelled)
      this.#cell.dropWhere((object) => object.session === session)
  }

  /** Each state as bytes, as a runtime stores them between two events. */
  snapshot(): readonly Uint8Array[] {
    return [...this.#cell.partitions].map((partition) => takeSnapshot(partition, codec))
  }

  /** Forgets everything but snapshots, and goes on from them in a new cell: as after a crash. */
  restart(snapshots = this.snapshot()): void {
    this.#timers.close()
    this.#timers = new TimerQueue(this.clock)
    this.#definition = this.#define()
    this.#cell = this.#makeCell()
    for (const bytes of snapshots) restoreSnapshot(this.#cell, bytes, codec, freeze)
  }

  #makeCell(): TriggerCell {
    freezeOptions(this.#definition)
    return new TriggerCell({ ...this.#definition, trigger: this.#instrument(this.#definition) }, this.journal)
  }

  get #ofBucket(): boolean {
    return this.#cell.common.scope === 'bucket'
  }

  /** What was due before this moment comes first; what is due at this moment comes after the event of this moment. */
  #runOverdue(): void {
    this.#timers.runDue(this.clock.now(), false)
  }

  #routeOf(object: ObjectRef): Route | 'busy' {
    if (this.#ended.has(object.session)) return { reason: 'late-closed' }
    try {
      return routeTo(this.#cell, object)
    } catch (error) {
      if (StigmergyError.is(error, 'STG_TRIGGER_BUSY')) return 'busy'
      throw error
    }
  }

  /** A fact may be the first that a trigger hears of a session. */
  #openPartitions(session: string): readonly Partition[] {
    if (this.#cell.common.partitionBy !== undefined) return this.partitions(session)
    return [this.#cell.partitions.open(this.#ofBucket ? {} : { session })]
  }

  #named(name: RecordedFiring['partition']): readonly Partition[] {
    const partition = this.#cell.partitions.find(name)
    return partition === undefined ? [] : [partition]
  }

  #endPartition(partition: Partition, outcome: Outcome, session: string): void {
    if (outcome === 'succeeded' || outcome === 'failed')
      tellEnd(this.#definition, partition, freeze({ scope: 'session', name: session, outcome }))
    this.#cell.drop(partition, 'session-ended')
  }
}

function freezeOptions({ options, parts }: Part): void {
  freeze(options)
  parts.forEach(freezeOptions)
}
