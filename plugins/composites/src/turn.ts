import { type Disposition, dispositions, type Firing, type ObjectRef, type Part } from '@stigmergy/core'
import type { Trigger, TriggerContext, Unsatisfied } from '@stigmergy/core'
import { isNothing } from './awaiting.js'
import { PartContext, placed } from './part-context.js'
import { type Composed, newPart, type PartState } from './state.js'

/** Calls the hook of a part. */
export type Hook = (
  trigger: Trigger<unknown, unknown>,
  state: unknown,
  ctx: TriggerContext,
) => readonly Firing[]

/** What a part has made of an event. */
export interface Heard {
  /** Its firings, of which the trigger makes its own. */
  readonly given: readonly Firing[]
  /** Why it can never be satisfied, if it has said so. */
  readonly report: Unsatisfied | undefined
}

interface LetGo {
  readonly object: ObjectRef
  readonly reason: Disposition
}

/**
 * One event of a trigger with parts: gives it to them and adds up what they do, so that each object leaves the trigger once, when
 * nobody in it holds the object any more.
 */
export class Turn {
  /** The object of this event. */
  arrival: ObjectRef | undefined
  /** Whether a part has given something, or has started work of its own. */
  gave = false
  worked = false
  /** Whether a part begins with this event, or goes on after a pause: it must not hear the event, should it come twice. */
  begun = false
  absorbed = false
  readonly #parts: readonly Part[]
  readonly #state: Composed
  readonly #firings: Firing[] = []
  /** Index of the last firing that contains an object, by its `seq`. */
  readonly #lastFiring = new Map<number, number>()
  readonly #letGo = new Map<number, LetGo>()

  constructor(
    readonly ctx: TriggerContext,
    parts: readonly Part[],
    state: Composed,
  ) {
    this.#parts = parts
    this.#state = state
  }

  /** Whether the trigger has one part only. */
  get isAlone(): boolean {
    return this.#parts.length === 1
  }

  /** Whether the state ends with a session. */
  get isOfSession(): boolean {
    return (this.ctx.partition.session ?? '') !== ''
  }

  /** From now on the part holds the object, unless it says otherwise. */
  receive(at: number, object: ObjectRef): void {
    this.#own(at).held.set(object.seq, object)
    this.#hold(object)
  }

  /** Nobody wants the object. */
  turnAway(object: ObjectRef, reason: Disposition): void {
    this.#note(object, reason)
  }

  /** Lets a part have an event. What it fires to functions of its own is fired. */
  hear(at: number, hook: Hook, isFact = false): Heard {
    const { trigger } = this.#part(at)
    const own = this.#own(at)
    const ctx = new PartContext(this, at)
    const firings = hook(trigger, own.state, ctx)
    const given: Firing[] = []
    for (const firing of firings) {
      const moved = this.#moveOut(at, own, firing)
      if (moved.target === undefined) given.push(moved)
      else this.#work(moved)
    }
    if (firings.length > 0 || isFact) own.over ||= isNothing(trigger.describe(own.state).awaiting)
    if (given.length > 0) this.gave = true
    return { given, report: ctx.report }
  }

  /** Fires what parts have given. */
  fire(firing: Firing): void {
    for (const object of firing.objects) {
      this.#unhold(object)
      this.#lastFiring.set(object.seq, this.#firings.length)
    }
    this.#firings.push(firing)
  }

  /** Lets go of what a part has given. */
  drop({ objects }: Firing, reason: Disposition): void {
    for (const object of objects) this.letGo(object, reason)
  }

  /** Of what several parts have given one: in their order, each object once, at its first place. */
  merge(given: readonly Firing[]): Firing {
    const [only] = given
    if (given.length === 1 && only !== undefined) return only
    const objects = new Map<number, ObjectRef>()
    for (const object of given.flatMap((each) => each.objects)) {
      if (objects.has(object.seq)) this.letGo(object, 'superseded')
      else objects.set(object.seq, object)
    }
    return { objects: [...objects.values()], ...circumstancesOf(given) }
  }

  /** A part lets go of an object that it holds. */
  letGoOf(at: number, object: ObjectRef, reason: Disposition): void {
    this.#own(at).held.delete(object.seq)
    this.letGo(object, reason)
  }

  /** One of its holders lets go of an object. */
  letGo(object: ObjectRef, reason: Disposition): void {
    this.#unhold(object)
    this.#note(object, reason)
  }

  /** The part lets go of everything and begins anew. */
  reset(at: number, reason: Disposition): void {
    for (const object of this.takeHeld(at)) this.letGo(object, reason)
  }

  /** Takes what the part holds, which begins anew. */
  takeHeld(at: number): readonly ObjectRef[] {
    const { held } = this.#own(at)
    this.suspend(at)
    this.#state.parts[at] = newPart(this.#part(at))
    this.begun = true
    return [...held.values()]
  }

  /** Disarms the timers of the part; `resume` arms them again. */
  suspend(at: number): void {
    for (const name of this.#own(at).timers.keys()) this.ctx.timers.clear(placed(at, name))
  }

  resume(at: number): void {
    this.begun = true
    for (const [name, dueAt] of this.#own(at).timers) this.ctx.timers.set(placed(at, name), dueAt)
  }

  /** The part begins with this event. */
  start(at: number): void {
    this.begun = true
    this.#part(at).trigger.onStart?.(this.#own(at).state, new PartContext(this, at))
  }

  setTimer(at: number, name: string, dueAt: number): void {
    this.#own(at).timers.set(name, dueAt)
    this.ctx.timers.set(placed(at, name), dueAt)
  }

  clearTimer(at: number, name: string): void {
    if (this.#own(at).timers.delete(name)) this.ctx.timers.clear(placed(at, name))
  }

  /** The trigger goes on although the part can never be satisfied. */
  contain(at: number): void {
    this.reset(at, 'unmatched')
    this.absorb()
  }

  /** The failure that this event tells of is provided for. */
  absorb(): void {
    this.absorbed = true
    this.ctx.absorb()
  }

  /** Lets go of what nobody holds any more. Gives the firings. */
  end(): readonly Firing[] {
    const { holders, fired } = this.#state
    for (const [seq, { object, reason }] of this.#letGo) {
      if (holders.has(seq) || this.#lastFiring.has(seq)) continue
      if (fired.delete(seq)) this.ctx.release(object)
      else this.ctx.dispose(object, reason)
    }
    for (const seq of this.#lastFiring.keys()) {
      if (holders.has(seq)) fired.add(seq)
      else fired.delete(seq)
    }
    return this.#firings.map((firing, index) => this.#keeping(firing, index))
  }

  #keeping(firing: Firing, index: number): Firing {
    const keeps = firing.objects.filter(
      ({ seq }) => this.#state.holders.has(seq) || (this.#lastFiring.get(seq) ?? index) > index,
    )
    return keeps.length === 0 ? firing : { ...firing, keeps }
  }

  /** What a part fires it holds no longer, unless it keeps it; what it has given is a holder of its own. */
  #moveOut(at: number, own: PartState, { keeps, tag, ...firing }: Firing): Firing {
    const kept = new Set(keeps?.map(({ seq }) => seq))
    for (const object of firing.objects) {
      if (kept.has(object.seq)) this.#hold(object)
      else own.held.delete(object.seq)
    }
    return tag === undefined ? firing : { ...firing, tag: placed(at, tag) }
  }

  #work(firing: Firing): void {
    this.worked = true
    this.fire(firing)
  }

  #hold({ seq }: ObjectRef): void {
    const { holders } = this.#state
    holders.set(seq, (holders.get(seq) ?? 0) + 1)
  }

  #unhold({ seq }: ObjectRef): void {
    const { holders } = this.#state
    const left = (holders.get(seq) ?? 0) - 1
    if (left > 0) holders.set(seq, left)
    else holders.delete(seq)
  }

  /** Of several reasons the one that stands last among `dispositions`: `filtered` only when nobody says anything else. */
  #note(object: ObjectRef, reason: Disposition): void {
    const known = this.#letGo.get(object.seq)?.reason
    if (known === undefined || dispositions.indexOf(known) < dispositions.indexOf(reason))
      this.#letGo.set(object.seq, { object, reason })
  }

  #part(at: number): Part {
    return this.#parts[at]!
  }

  #own(at: number): PartState {
    return this.#state.parts[at]!
  }
}

/** What can be said of several firings together. */
function circumstancesOf(given: readonly Firing[]): Partial<Firing> {
  const missing = given.flatMap((each) => each.missing ?? [])
  const meta = given.some((each) => each.meta !== undefined)
  return {
    ...(given.some(({ partial }) => partial === true) && { partial: true as const }),
    ...(given.some(({ serial }) => serial === true) && { serial: true as const }),
    ...(missing.length > 0 && { missing }),
    ...(meta && { meta: Object.assign({}, ...given.map((each) => each.meta)) as Record<string, unknown> }),
  }
}
