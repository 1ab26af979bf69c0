import type { ErrorInfo, ObjectRef, Outcome } from './object.js'
import type { StandardSchemaV1 } from './schema.js'

/** Why a trigger let an object go without firing it. */
export const dispositions = [
  'filtered',
  'surplus',
  'superseded',
  'late-closed',
  'late-watermark',
  'unmatched',
  'session-ended',
  'overflow',
  'reset',
  'trigger-removed',
  'fault',
] as const
export type Disposition = (typeof dispositions)[number]

/** A decision to run a function with certain objects. */
export interface Firing {
  /** What the function gets, in this order. Each must be held by this partition. */
  readonly objects: readonly ObjectRef[]
  /** The function to run; by default the trigger's target. Other names must be listed by `targets` of the primitive. */
  readonly target?: string
  /** Set when the firing has less than a full round. */
  readonly partial?: true
  /** Marks the invocation: objects it puts carry `producer.cause.tag`, and its end comes back as `closed('item')`. */
  readonly tag?: string
  /** Starts only when the previous serial firing of the partition has ended. */
  readonly serial?: true
  /** Of `objects`, those that the trigger goes on holding; end that with `ctx.release`. */
  readonly keeps?: readonly ObjectRef[]
  /** Names of what should have come and did not. */
  readonly missing?: readonly string[]
  /** Half-open, ms since epoch. */
  readonly window?: { readonly start: number; readonly end: number }
  /** What made it fire, in the primitive's own words, such as `size` or `time`. */
  readonly cause?: string
  /** Further plain data for the function. */
  readonly meta?: Readonly<Record<string, unknown>>
}

/**
 * A fact that something has ended, so that waiting for it can end too.
 *
 * | scope | `name` | comes from |
 * |---|---|---|
 * | `session` | the session | the runtime: nothing of it runs any more, or it was cancelled or has expired |
 * | `invocation` | the invocation | the runtime: a function that puts here has ended, after its last attempt |
 * | `item` | the `tag` of a firing of this partition | the runtime: the invocation of that firing has ended |
 * | `items` | empty | user code: a seal; `expected` is how many there are in all |
 * | `producer`, `group`, `input` | its name | user code |
 */
export interface Closed {
  readonly scope: 'session' | 'invocation' | 'item' | 'items' | 'producer' | 'group' | 'input'
  readonly name: string
  readonly outcome: Outcome
  /** Of an invocation: the function. */
  readonly fn?: string
  /** Of an invocation or an item: the attempt whose end this is. */
  readonly attempt?: number
  /** Of an invocation: the key that the trigger's `expect` awaits from it. */
  readonly key?: string
  /** Of an invocation: `seq` of objects admitted from earlier attempts that the ending attempt put again. */
  readonly confirmed?: readonly number[]
  /** Of `items`: how many there are in all. */
  readonly expected?: number
  readonly error?: ErrorInfo
}

/** A round that can never fire, and why. */
export interface Unsatisfied {
  /** Such as `missing`, `failed`, `deadline` or `loop`. */
  readonly reason: string
  readonly missing?: readonly string[]
  readonly arrived?: number
  readonly failed?: number
  /** A clause for people, in lower case and without a full stop: it stands within a sentence. */
  readonly message?: string
  readonly error?: ErrorInfo
}

/** Named timers of one partition. They travel in its snapshot and die with it. */
export interface TriggerTimers {
  /** Arms the timer; an armed one of the same name is replaced. `atMs` is ms since epoch. */
  set(name: string, atMs: number): void
  /** Disarms the timer; unknown names are ignored. */
  clear(name: string): void
}

/** What a hook can see and do besides its state. Valid during the call only. */
export interface TriggerContext {
  /** ms since epoch; never decreases. */
  readonly now: number
  /** The id of this trigger, `<bucket>.<trigger>`: what `producer.cause.trigger` is compared with. */
  readonly trigger: string
  /** What this partition is the partition of. */
  readonly partition: PartitionName
  readonly timers: TriggerTimers
  /** Lets an object go. Nothing vanishes without a reason. */
  dispose(object: ObjectRef, reason: Disposition): void
  /** Ends the holding of an object that a firing named in `keeps`. */
  release(object: ObjectRef): void
  /**
   * Reports a round that can never fire. The partition ends: what it holds is disposed, its timers are cleared and its state is
   * dropped. A session-scoped trigger fails its session with the report; a bucket-scoped one starts afresh with the next object.
   */
  unsatisfied(report: Unsatisfied): void
  /**
   * Gives the one who caused this event (who put, or closed) an error. What else the step did stays.
   */
  refuse(code: 'STG_TRIGGER_SEALED' | 'STG_TRIGGER_SEAL_CONFLICT', message: string): void
  /** In `onClosed`: this failure is provided for here, so it does not fail the session. */
  absorb(): void
  /**
   * Stops invocations, best effort: those of this partition's firings with the tag, or the
   * session's open invocations of functions that put nowhere but into this bucket.
   */
  cancel(which: { readonly tag: string } | { readonly producers: 'open' }): void
  /** 0 <= r < 1, from a generator seeded by the partition. */
  random(): number
}

export interface PartitionName {
  /** Absent for a bucket-scoped trigger. */
  readonly session?: string
  /** What `partitionBy` gave; absent without it. */
  readonly by?: string
}

/** What a partition waits for. All that is named must come; empty: nothing is awaited any more. */
export interface Awaiting {
  /** Keys without which no put can make it fire. */
  readonly keys?: readonly string[]
  /** No put can make it fire before this many more objects have come. */
  readonly count?: number
  /** What must end, in words such as `items` or a producer's name. A result that stands for the end will do. */
  readonly closed?: readonly string[]
  /** It acts at this time at the latest, ms since epoch. */
  readonly until?: number
}

export interface Status {
  /** Exactly the objects that the trigger holds. */
  readonly held: readonly ObjectRef[]
  readonly awaiting: Awaiting
  /** Of a trigger that is made of others: what each of these holds and awaits. */
  readonly parts?: readonly PartStatus[]
}

/** What a part of a trigger does at present. */
export interface PartStatus extends Status {
  /** Its place and its primitive, such as `1 by-time`. */
  readonly part: string
  /** `satisfied`: has given its share and waits for the others; `idle`: its turn has not come; `over`: awaits nothing any more. */
  readonly is: 'waiting' | 'satisfied' | 'idle' | 'over'
}

/** A remark on options that are valid but may hang, starve or grow. */
export interface Warning {
  readonly code: 'can-never-fire' | 'can-wait-for-ever' | 'can-starve' | 'can-grow'
  readonly message: string
  readonly remedy: string
}

/**
 * A trigger primitive: rules over state that the runtime owns.
 *
 * Hooks are synchronous and pure: they read `state`, the event and `ctx`, change `state`, and return what to fire. They keep
 * nothing in fields, read no clock and do no I/O. State is plain data: null, booleans, finite numbers, strings,
 * arrays, plain objects, `Map`, `Set` and `Uint8Array`. If a hook throws, the runtime puts the state back as it was.
 */
export abstract class Trigger<Options, State> {
  /** `parts`: the triggers that it is made of, in the order in which `parts` of `@primitive` names them. */
  constructor(
    protected readonly options: Options,
    protected readonly parts: readonly Part[] = [],
  ) {}

  /** A new state, for a partition that has none yet. */
  abstract initialState(): State
  /** Called once for each object that becomes available, in log order. */
  abstract onObject(state: State, object: ObjectRef, ctx: TriggerContext): readonly Firing[]
  /** Called when a timer fires. Late is possible, early is not. */
  onTimer(_state: State, _timer: string, _ctx: TriggerContext): readonly Firing[] {
    return []
  }
  /** Called when a producer, an item, a group or the session has ended, with its outcome. May come twice. */
  onClosed(_state: State, _fact: Closed, _ctx: TriggerContext): readonly Firing[] {
    return []
  }
  /** Called when event time has reached `atMs`. */
  onWatermark(_state: State, _atMs: number, _ctx: TriggerContext): readonly Firing[] {
    return []
  }
  /** Called when somebody wants what is held now, full round or not. */
  onFlush(_state: State, _ctx: TriggerContext): readonly Firing[] {
    return []
  }
  /** What is held and what is missing. Must not change the state. Re-runs and `explain` are built on it. */
  abstract describe(state: State): Status
  /** Forgets a held object, which the runtime then disposes as `overflow`. Needed for `onOverflow: 'dropOldest'`. */
  onEvict?(state: State, object: ObjectRef, ctx: TriggerContext): void
  /** Reads state written under an older `stateVersion`. */
  migrate?(state: unknown, fromVersion: number): State
  /**
   * Called with every state that comes from a snapshot, after `migrate`: for triggers with parts, whose states have versions of
   * their own. Throws when it cannot be read.
   */
  revive?(state: State): State
  /** Called when an event, and not the first object, begins a new state: the turn of a part has come. Never by the runtime. */
  onStart?(state: State, ctx: TriggerContext): void
}

/** Hooks that do nothing unless a primitive has its own. */
const optional = ['onTimer', 'onClosed', 'onWatermark', 'onFlush'] as const

/** On the global registry of symbols, because a primitive may extend the class of another copy of this package. */
const idle = Symbol.for('stigmergy.idle')
for (const hook of optional) Object.defineProperty(hookOf(Trigger.prototype, hook), idle, { value: true })

/** Whether the primitive has written the hook itself. */
export function hasHook(trigger: Trigger<unknown, unknown>, hook: (typeof optional)[number]): boolean {
  const own = hookOf(trigger, hook)
  return typeof own === 'function' && !(idle in own)
}

function hookOf(trigger: object, hook: string): unknown {
  return Reflect.get(trigger, hook)
}

/** What `analyze` may know of the trigger besides its options. */
export interface TriggerLimits {
  /** Objects that a partition may hold. */
  readonly maxPending: number
  /** ms from a round's first object to its end; undefined for none. */
  readonly deadlineMs: number | undefined
}

/** One state per session, or one for the bucket. */
export type Scope = 'session' | 'bucket'

/** What happens to held objects when the session ends. */
export type SessionEndRule = 'flush' | 'discard'

/** A primitive with options, both checked: all of a trigger but its place. Primitives that are made of others get them as parts. */
export interface Part {
  readonly meta: PrimitiveMeta
  /** As the schema of the primitive has parsed them. */
  readonly options: unknown
  readonly trigger: Trigger<unknown, unknown>
  readonly parts: readonly Part[]
  readonly scope: Scope
  readonly onSessionEnd: SessionEndRule
  /** Functions besides its own target that its firings may name. */
  readonly targets: readonly string[]
  readonly firesEmpty: boolean
  /** The facts that it wants to be told; undefined for all. */
  readonly listensTo: readonly Closed['scope'][] | undefined
}

/** What `@primitive` states about a class. */
export interface PrimitiveMeta<Options = unknown> {
  /** The name on the wire and in configs: `a-z`, digits and `-`. Spelled out, since bundlers rename classes. */
  readonly name: string
  /** One state per session, or one for the bucket. A trigger may override it. */
  readonly scope: Scope | ((options: Options, parts: readonly Part[]) => Scope)
  /** Raise it when the shape of the state changes, and write `migrate`. */
  readonly stateVersion: number
  /** Any Standard Schema, synchronous. Refuse unknown fields. */
  readonly options: StandardSchemaV1<unknown, Options>
  /**
   * The triggers in the options that this one is made of. The constructor gets them, checked, as its second argument, and so do the
   * functions below. At most 256 in all, nested at most 16 deep.
   */
  readonly parts?: (options: Options) => readonly PartSpec[]
  /** Functions besides the trigger's target that firings may name. */
  readonly targets?: (options: Options, parts: readonly Part[]) => readonly string[]
  /** What may go wrong with these options although they are valid. */
  readonly analyze?: (options: Options, trigger: TriggerLimits, parts: readonly Part[]) => readonly Warning[]
  /** What happens to held objects when the session ends: `flush` calls `onFlush` first. Default `discard`. */
  readonly onSessionEnd?: SessionEndRule | ((options: Options, parts: readonly Part[]) => SessionEndRule)
  /**
   * The facts that `onClosed` wants. Default all, when the hook is written. An invocation that the trigger's `expect` awaits
   * something of is always told, with its `key`.
   */
  readonly listensTo?:
    | readonly Closed['scope'][]
    | ((options: Options, parts: readonly Part[]) => readonly Closed['scope'][] | undefined)
  /** Whether firings without objects are allowed under these options. Default never. */
  readonly firesEmpty?: (options: Options, parts: readonly Part[]) => boolean
}

/** A primitive by name and its options, as they stand in an app. */
export interface PartSpec {
  readonly primitive: string
  readonly options: unknown
}

/** A class that `@primitive` marks. */
export interface PrimitiveClass<Options = unknown, State = unknown> {
  new (options: Options, parts: readonly Part[]): Trigger<Options, State>
}

/** Any marked class, whatever its options and its state. */
export interface AnyPrimitive {
  new (options: never, parts: readonly Part[]): Trigger<unknown, unknown>
}
