import { StigmergyError, Trigger } from '@stigmergy/core'
import type {
  Awaiting,
  Closed,
  Firing,
  ObjectRef,
  Part,
  PartStatus,
  Status,
  TriggerContext,
  Unsatisfied,
} from '@stigmergy/core'
import { placeOf, seenFrom } from './part-context.js'
import type { Composed, PartState } from './state.js'
import { type Hook, Turn } from './turn.js'

const none: readonly Firing[] = []

/**
 * A trigger that is made of others. Its parts get the events; what a part fires to the trigger's own target is given to the
 * trigger, which decides what to fire of it.
 */
export abstract class Composite<Options, State extends Composed> extends Trigger<Options, State> {
  override readonly onEvict?: (state: State, object: ObjectRef, ctx: TriggerContext) => void

  constructor(options: Options, parts: readonly Part[]) {
    super(options, parts)
    if (parts.every(({ trigger }) => trigger.onEvict !== undefined))
      this.onEvict = (state, object, ctx) => this.evict(state, object, ctx)
  }

  /** A part has given something. */
  protected abstract onGiven(state: State, turn: Turn, at: number, given: Firing): void
  /** A part can never be satisfied: so it is with the trigger, or the part begins anew. */
  protected abstract onFailed(state: State, turn: Turn, at: number, report: Unsatisfied): void
  /** What is awaited, of parts that await this. */
  protected abstract awaiting(state: State, parts: readonly Awaiting[]): Awaiting

  /** Whether the part gets events at present. */
  protected hears(_state: State, _at: number): boolean {
    return true
  }

  /** Called at the end of each event. */
  protected settle(_state: State, _turn: Turn): void {}

  /** Called when the session is over and the parts know it. */
  protected endSession(_state: State, _turn: Turn): void {}

  /** A timer of the trigger's own rings. */
  protected onOwnTimer(_state: State, _turn: Turn, _timer: string): void {}

  /** What parts have given and what has not been fired, by part. */
  protected latched(_state: State): readonly (readonly Firing[])[] {
    return []
  }

  /** Forgets a held object in what parts have given. */
  protected forget(_state: State, _object: ObjectRef): void {}

  onObject(state: State, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    state.last = null
    const turn = this.begin(state, ctx)
    turn.arrival = object
    const listeners = this.listeners(state)
    for (const at of listeners) {
      if (!this.hears(state, at)) continue
      turn.receive(at, object)
      this.tell(state, turn, at, (trigger, own, inner) =>
        trigger.onObject(own, seenFrom(at, object, ctx.trigger), inner),
      )
    }
    if (listeners.length === 0) turn.turnAway(object, 'surplus')
    return this.finish(state, turn)
  }

  override onTimer(state: State, timer: string, ctx: TriggerContext): readonly Firing[] {
    const place = placeOf(timer)
    if (place === undefined) {
      const turn = this.begin(state, ctx)
      this.onOwnTimer(state, turn, timer)
      return this.finish(state, turn)
    }
    const { at, name } = place
    if (state.parts[at]?.timers.delete(name) !== true) return none
    state.last = null
    const turn = this.begin(state, ctx)
    this.tell(state, turn, at, (trigger, own, inner) => trigger.onTimer(own, name, inner))
    return this.finish(state, turn)
  }

  override onClosed(state: State, fact: Closed, ctx: TriggerContext): readonly Firing[] {
    return this.once(state, JSON.stringify(fact), ctx, (turn) => {
      const item = fact.scope === 'item' ? placeOf(fact.name) : undefined
      if (item !== undefined) this.tellFact(state, turn, item.at, { ...fact, name: item.name })
      else if (fact.scope !== 'item')
        for (const at of this.listeners(state)) this.tellFact(state, turn, at, fact)
      if (fact.scope === 'session') this.endSession(state, turn)
    })
  }

  override onWatermark(state: State, atMs: number, ctx: TriggerContext): readonly Firing[] {
    return this.tellAll(state, this.begin(state, ctx), (trigger, own, inner) =>
      trigger.onWatermark(own, atMs, inner),
    )
  }

  override onFlush(state: State, ctx: TriggerContext): readonly Firing[] {
    return this.once(state, 'flush', ctx, (turn) => {
      for (const at of this.listeners(state))
        this.tell(state, turn, at, (trigger, own, inner) => trigger.onFlush(own, inner))
    })
  }

  override onStart(state: State, ctx: TriggerContext): void {
    const turn = this.begin(state, ctx)
    for (const at of this.listeners(state)) turn.start(at)
  }

  describe(state: State): Status {
    const parts = this.parts.map((part, at) => this.describePart(state, part, at))
    const held = new Map<number, ObjectRef>()
    for (const object of [...parts, ...this.latched(state).flat()].flatMap(objectsOf))
      held.set(object.seq, held.get(object.seq) ?? object)
    return { held: [...held.values()], awaiting: this.awaiting(state, parts.map(awaitingOf)), parts }
  }

  override revive(state: State): State {
    for (const [at, part] of this.parts.entries()) {
      const own = state.parts[at]!
      const read = own.version === part.meta.stateVersion ? own.state : migrated(part, own)
      const revived: unknown = part.trigger.revive?.(read) ?? read
      state.parts[at] = { ...own, state: revived, version: part.meta.stateVersion }
    }
    return state
  }

  /** Lets a part have an event, unless it is not to hear it any more. */
  protected tell(state: State, turn: Turn, at: number, hook: Hook, isFact = false): void {
    if (!this.hears(state, at)) return
    const { given, report } = turn.hear(at, hook, isFact)
    for (const each of given) this.onGiven(state, turn, at, each)
    if (report !== undefined) this.onFailed(state, turn, at, report)
  }

  /** A part's place and primitive, for people. */
  protected nameOf(at: number): string {
    return `${at} ${this.parts[at]!.meta.name}`
  }

  /** The report of a part as that of the trigger. */
  protected reportOf(at: number, report: Unsatisfied): Unsatisfied {
    if (this.parts.length === 1) return report
    return { ...report, message: `part ${this.nameOf(at)}: ${report.message ?? report.reason}` }
  }

  /** The report of a round for which parts are missing. */
  protected missing(lacking: readonly number[]): Unsatisfied {
    return {
      reason: 'children',
      missing: lacking.map((at) => this.nameOf(at)),
      message: `${lacking.length} of ${this.parts.length} parts have not been satisfied`,
    }
  }

  private begin(state: State, ctx: TriggerContext): Turn {
    return new Turn(ctx, this.parts, state)
  }

  private finish(state: State, turn: Turn): readonly Firing[] {
    this.settle(state, turn)
    return turn.end()
  }

  private listeners(state: State): readonly number[] {
    return [...state.parts.keys()].filter((at) => this.hears(state, at))
  }

  private tellAll(state: State, turn: Turn, hook: Hook): readonly Firing[] {
    for (const at of this.listeners(state)) this.tell(state, turn, at, hook)
    return this.finish(state, turn)
  }

  private tellFact(state: State, turn: Turn, at: number, fact: Closed): void {
    const part = this.parts[at]
    if (part === undefined) return
    const isAwaited = fact.scope === 'invocation' && fact.key !== undefined
    if (isAwaited || (part.listensTo?.includes(fact.scope) ?? true))
      this.tell(state, turn, at, (trigger, own, inner) => trigger.onClosed(own, fact, inner), true)
  }

  /** Facts and flushes may come twice. One that has moved the trigger on must not reach the part whose turn it is now. */
  private once(
    state: State,
    fact: string,
    ctx: TriggerContext,
    happen: (turn: Turn) => void,
  ): readonly Firing[] {
    if (state.last?.fact === fact) {
      if (state.last.absorbed) ctx.absorb()
      return none
    }
    const turn = this.begin(state, ctx)
    happen(turn)
    const firings = this.finish(state, turn)
    if (turn.begun) state.last = { fact, absorbed: turn.absorbed }
    return firings
  }

  private describePart(state: State, { trigger }: Part, at: number): PartStatus {
    const own = state.parts[at]!
    return { part: this.nameOf(at), is: this.standingOf(state, own, at), ...trigger.describe(own.state) }
  }

  private standingOf(state: State, { over }: PartState, at: number): PartStatus['is'] {
    if ((this.latched(state)[at] ?? none).length > 0) return 'satisfied'
    if (over) return 'over'
    return this.hears(state, at) ? 'waiting' : 'idle'
  }

  private evict(state: State, object: ObjectRef, ctx: TriggerContext): void {
    const turn = this.begin(state, ctx)
    for (const at of state.parts.keys()) {
      const own = state.parts[at]!
      if (!own.held.delete(object.seq)) continue
      turn.hear(at, (trigger, inner, ctx) => {
        trigger.onEvict?.(inner, object, ctx)
        return none
      })
    }
    this.forget(state, object)
    state.holders.delete(object.seq)
    state.fired.delete(object.seq)
    this.finish(state, turn)
  }
}

function objectsOf(status: PartStatus | Firing): readonly ObjectRef[] {
  return 'held' in status ? status.held : status.objects
}

function awaitingOf({ awaiting }: PartStatus): Awaiting {
  return awaiting
}

function migrated({ trigger, meta }: Part, { state, version }: PartState): unknown {
  if (version < meta.stateVersion && trigger.migrate !== undefined) return trigger.migrate(state, version)
  throw new StigmergyError(
    'STG_STATE_VERSION',
    `Primitive ${meta.name}, part of a trigger, has stateVersion ${meta.stateVersion} and cannot read version ${version}; give it a migrate method.`,
    { details: { primitive: meta.name, stateVersion: version, expected: meta.stateVersion } },
  )
}
