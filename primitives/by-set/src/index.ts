import { primitive, Trigger, trigger } from '@stigmergy/core'
import type {
  Closed,
  Disposition,
  ErrorInfo,
  Firing,
  ObjectRef,
  Status,
  Target,
  TriggerContext,
  TriggerLimits,
  TriggerSpec,
  Warning,
} from '@stigmergy/core'
import { z } from 'zod'

const key = z
  .string()
  .min(1, 'must not be empty')
  .refine((value) => Buffer.byteLength(value) <= 512, 'is longer than any key: 512 bytes')

const options = z
  .strictObject({
    keys: z.array(key).min(1, 'must name at least one key').max(10_000),
    optional: z.array(key).max(10_000).default([]),
    repeat: z.enum(['once', 'rounds']).default('once'),
    pick: z.enum(['first', 'latest', 'all']).default('first'),
    onImpossible: z.enum(['fail', 'partial', 'fallback']).default('fail'),
    fallback: z.string().min(1).optional(),
  })
  .refine(({ keys, optional }) => new Set([...keys, ...optional]).size === keys.length + optional.length, {
    path: ['keys'],
    error: 'a name stands twice in keys and optional',
  })
  .refine(({ onImpossible, fallback }) => (onImpossible === 'fallback') === (fallback !== undefined), {
    path: ['fallback'],
    error: "must be given with onImpossible 'fallback', and only then",
  })
  .transform(({ keys, optional, ...rest }) => ({ ...rest, keys: new Set(keys), optional: new Set(optional) }))

/** Options of `BySet` after they have been checked; the sets keep the declared order. */
export type BySetOptions = z.output<typeof options>

/** Options of `bySet` as an app writes them. */
export interface BySetInput {
  /** The keys that must come. 1 to 10,000 distinct ones; their order is the order of the objects. */
  readonly keys: readonly string[]
  /** Keys that are included when they have come, and never waited for. Default none. */
  readonly optional?: readonly string[]
  /** Whether the set fires once in a partition or again and again, which needs a `multi` bucket. Default `once`. */
  readonly repeat?: 'once' | 'rounds'
  /** Which of several objects of one key go into a round: the oldest, the newest or all. Default `first`. */
  readonly pick?: 'first' | 'latest' | 'all'
  /** What happens when a key can no longer come: report it, fire what is there, or run `fallback`. Default `fail`. */
  readonly onImpossible?: 'fail' | 'partial' | 'fallback'
  /** Runs with what is there, which may be nothing. Required with `onImpossible: 'fallback'`. */
  readonly fallback?: Target
}

/** The rounds of a set that are being filled. */
export interface Rounds {
  /** What is held of each name, oldest first. Names of which nothing is held have no entry. */
  readonly held: Map<string, ObjectRef[]>
  /** How many required names have none. */
  lacking: number
  /** Whether any round has fired. */
  fired: boolean
  /** The required names that the latest round has fired without. */
  absent: readonly string[]
  /** Whose end the latest round has fired because of: it may be told twice. */
  endedBy: string | null
}

const none: readonly Firing[] = []

/** Fires when an object of every key has come, in the order in which the keys are declared. */
@primitive({
  name: 'by-set',
  scope: 'session',
  stateVersion: 1,
  options,
  targets: ({ fallback }) => (fallback === undefined ? [] : [fallback]),
  firesEmpty: ({ fallback }) => fallback !== undefined,
  listensTo: ['session', 'producer', 'input'],
  analyze,
})
export class BySet extends Trigger<BySetOptions, Rounds> {
  initialState(): Rounds {
    const { size } = this.options.keys
    return { held: new Map(), lacking: size, fired: false, absent: [], endedBy: null }
  }

  onObject(state: Rounds, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    const refusal = this.refusal(state, object)
    if (refusal !== undefined) {
      ctx.dispose(object, refusal)
      return none
    }
    this.hold(state, object, ctx)
    // One round at most: it lacked the key of this object, of which the firing leaves nothing.
    return state.lacking > 0 ? none : [{ objects: this.take(state) }]
  }

  override onClosed(state: Rounds, fact: Closed, ctx: TriggerContext): readonly Firing[] {
    if (fact.scope === 'session') return this.endSession(state, ctx)
    const name = boundName(fact)
    if (name === undefined || !this.lacks(state, name) || fact.name === state.endedBy) return none
    if (state.fired && state.held.size === 0) {
      if (state.absent.includes(name)) ctx.absorb()
      return none
    }
    if (!this.canGoOn(state)) return this.fail(state, ctx, fact.error)
    state.endedBy = fact.name
    ctx.absorb()
    return [this.takeIncomplete(state)]
  }

  override onEvict(state: Rounds, { key, seq }: ObjectRef): void {
    const left = state.held.get(key)?.filter((object) => object.seq !== seq) ?? []
    if (left.length > 0) state.held.set(key, left)
    else state.held.delete(key)
    state.lacking = this.missing(state).length
  }

  describe(state: Rounds): Status {
    const over = this.options.repeat === 'once' && state.fired
    return { held: [...state.held.values()].flat(), awaiting: over ? {} : { keys: this.missing(state) } }
  }

  /** Why an object cannot be in any round. */
  private refusal(state: Rounds, { key }: ObjectRef): Disposition | undefined {
    const { keys, optional, repeat, pick } = this.options
    if (!keys.has(key) && !optional.has(key)) return 'filtered'
    if (repeat === 'rounds') return undefined
    return state.fired || (pick === 'first' && state.held.has(key)) ? 'surplus' : undefined
  }

  private hold(state: Rounds, object: ObjectRef, ctx: TriggerContext): void {
    const { keys, pick } = this.options
    const queue = state.held.get(object.key)
    if (queue === undefined) {
      state.held.set(object.key, [object])
      if (keys.has(object.key)) state.lacking -= 1
    } else {
      if (pick === 'latest') for (const older of queue.splice(0)) ctx.dispose(older, 'superseded')
      queue.push(object)
    }
  }

  private lacks({ held }: Rounds, name: string): boolean {
    return this.options.keys.has(name) && !held.has(name)
  }

  /** Takes one round, in declared order, and begins the next. */
  private take(state: Rounds): readonly ObjectRef[] {
    const { keys, optional, pick } = this.options
    const objects: ObjectRef[] = []
    state.absent = state.lacking === 0 ? [] : this.missing(state)
    for (const name of [...keys, ...optional]) {
      const queue = state.held.get(name) ?? []
      const taken = pick === 'first' && queue.length > 1 ? queue.splice(0, 1) : queue
      if (taken === queue) state.held.delete(name)
      for (const object of taken) objects.push(object)
    }
    state.fired = true
    state.lacking = state.held.size === 0 ? keys.size : this.missing(state).length
    return objects
  }

  private takeIncomplete(state: Rounds): Firing {
    const { fallback } = this.options
    const objects = this.take(state)
    const firing: Firing = { objects, partial: true, missing: state.absent }
    return fallback === undefined ? firing : { ...firing, target: fallback }
  }

  private missing(state: Rounds): readonly string[] {
    return [...this.options.keys].filter((name) => this.lacks(state, name))
  }

  private canGoOn(state: Rounds): boolean {
    const { onImpossible } = this.options
    return onImpossible === 'fallback' || (onImpossible === 'partial' && state.held.size > 0)
  }

  private fail(state: Rounds, ctx: TriggerContext, error?: ErrorInfo): readonly Firing[] {
    const missing = this.missing(state)
    const { size } = this.options.keys
    const message = `${missing.length} of ${size} keys can no longer come`
    const report = { reason: 'missing', missing, arrived: size - missing.length, message }
    ctx.unsatisfied(error === undefined ? report : { ...report, error })
    return none
  }

  private endSession(state: Rounds, ctx: TriggerContext): readonly Firing[] {
    if (state.held.size > 0 && this.options.onImpossible === 'fail') return this.fail(state, ctx)
    const firings: Firing[] = []
    while (state.held.size > 0) firings.push(this.takeIncomplete(state))
    return firings
  }
}

/** Configures `bySet`: one object of every key run the target together. */
export function bySet(options: BySetInput): TriggerSpec<BySetInput> {
  return trigger<BySetOptions, BySetInput>(BySet, options)
}

/** The key that will not come any more, if the fact is about one. */
function boundName({ scope, name, key }: Closed): string | undefined {
  return key ?? (scope === 'producer' || scope === 'input' ? name : undefined)
}

/** All keys but the last are held until that has come. */
function analyze({ keys }: BySetOptions, { maxPending }: TriggerLimits): readonly Warning[] {
  if (keys.size - 1 <= maxPending) return []
  return [
    {
      code: 'can-never-fire',
      message: `${keys.size} keys never come together: the trigger holds no more than ${maxPending} objects`,
      remedy: `set maxPending of the trigger to at least ${keys.size - 1}`,
    },
  ]
}
