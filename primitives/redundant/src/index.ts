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

const target = z.string().min(1)
const upTo10000 = z.int().min(1).max(10_000)

const options = z
  .strictObject({
    k: upTo10000,
    n: upTo10000,
    distinctBy: z.enum(['invocation', 'producer', 'key']).default('invocation'),
    onSurplus: z.enum(['cancel', 'keep']).default('cancel'),
    onDeficit: z.enum(['fail', 'partial', 'fallback']).default('fail'),
    fallback: target.optional(),
    hedge: z
      .strictObject({ source: target, start: upTo10000, everyMs: z.int().min(1).max(31_536_000_000) })
      .optional(),
  })
  .refine(({ k, n }) => k <= n, { path: ['k'], error: 'must not be more than n' })
  .refine(({ n, hedge }) => hedge === undefined || hedge.start <= n, {
    path: ['hedge', 'start'],
    error: 'must not be more than n',
  })
  .refine(({ onDeficit, fallback }) => (onDeficit === 'fallback') === (fallback !== undefined), {
    path: ['fallback'],
    error: "must be given with onDeficit 'fallback', and only then",
  })

/** Options of `Redundant` after they have been checked. */
export type RedundantOptions = z.output<typeof options>

type Hedge = NonNullable<RedundantOptions['hedge']>

/** Options of `redundant` as an app writes them. */
export interface RedundantInput {
  /** How many sources must deliver. 1 to `n`. */
  readonly k: number
  /** How many sources there are. Up to 10,000. */
  readonly n: number
  /** What tells sources apart. A second object of the same one does not count. Default `invocation`. */
  readonly distinctBy?: 'invocation' | 'producer' | 'key'
  /** Whether sources that are still running after the firing are cancelled, best effort. Default `cancel`. */
  readonly onSurplus?: 'cancel' | 'keep'
  /** What happens when fewer than `k` can still deliver: report it, fire what is there, or run `fallback`. Default `fail`. */
  readonly onDeficit?: 'fail' | 'partial' | 'fallback'
  /** Runs with what is there, which may be nothing. Required with `onDeficit: 'fallback'`. */
  readonly fallback?: Target
  /**
   * Starts the sources too: an object with the role `request` runs `source` `start` times at once, and once more every `everyMs` ms
   * until `n` have been started or the round is decided.
   */
  readonly hedge?: { readonly source: Target; readonly start: number; readonly everyMs: number }
}

/** One round. */
export interface Race {
  /** What has arrived, in order, until the round is decided. */
  held: ObjectRef[]
  /** Sources that have delivered. */
  readonly arrived: Set<string>
  /** Sources that have ended without delivering. */
  readonly failed: Set<string>
  /** Invocations and tags of firings whose object counted. */
  readonly contributors: Set<string>
  /** Whether the round has fired, in full or not. */
  decided: boolean
  /** What the sources are started with, while more may be started. */
  request: ObjectRef | null
  /** How many sources were started here. */
  started: number
}

const none: readonly Firing[] = []

/** Fires once, with the first `k` objects of distinct sources out of `n`. */
@primitive({
  name: 'redundant',
  scope: 'session',
  stateVersion: 1,
  options,
  targets: ({ hedge, fallback }) => [hedge?.source, fallback].filter((name) => name !== undefined),
  firesEmpty: ({ fallback }) => fallback !== undefined,
  listensTo: ['invocation', 'item', 'producer', 'session'],
  analyze,
})
export class Redundant extends Trigger<RedundantOptions, Race> {
  initialState(): Race {
    return {
      held: [],
      arrived: new Set(),
      failed: new Set(),
      contributors: new Set(),
      decided: false,
      request: null,
      started: 0,
    }
  }

  onObject(state: Race, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    const { hedge, k } = this.options
    if (hedge !== undefined && object.role === 'request') return this.onRequest(state, object, hedge, ctx)
    const refusal = this.arrive(state, object, ctx.trigger)
    if (refusal !== undefined) {
      ctx.dispose(object, refusal)
      return none
    }
    state.held.push(object)
    return state.held.length < k ? none : [{ objects: this.decide(state, ctx) }]
  }

  override onTimer(state: Race, timer: string, ctx: TriggerContext): readonly Firing[] {
    const { hedge } = this.options
    return hedge === undefined || timer !== 'hedge' ? none : this.start(state, 1, hedge, ctx)
  }

  override onClosed(state: Race, fact: Closed, ctx: TriggerContext): readonly Firing[] {
    if (fact.scope === 'session') return this.onSessionEnd(state, ctx)
    if (!this.isEndOfSource(fact)) return none
    this.countEnd(state, fact)
    const { k, n } = this.options
    const lost = !state.decided && n - state.failed.size < k
    const firings = lost ? this.goWithout(state, ctx, 'failed', fact.error) : none
    // With the round decided, or still possible, or gone on with less, this failure is provided for.
    if (!lost || firings.length > 0) ctx.absorb()
    return firings
  }

  describe(state: Race): Status {
    const held = state.request === null ? state.held : [state.request, ...state.held]
    return { held, awaiting: state.decided ? {} : { count: this.options.k - state.held.length } }
  }

  /** Counts an arrival. Says why, when it is not one of the `k`. */
  private arrive(state: Race, object: ObjectRef, trigger: string): Disposition | undefined {
    if (this.isClosed(state)) return 'late-closed'
    const source = this.sourceOf(object, trigger)
    const isNew = !state.arrived.has(source)
    state.arrived.add(source)
    state.failed.delete(source)
    state.contributors.add(originOf(object, trigger))
    return isNew && !state.decided ? undefined : 'surplus'
  }

  /** Counts a source that has ended, unless it has delivered. */
  private countEnd(state: Race, fact: Closed): void {
    const source = this.sourceOfEnd(fact)
    if (this.isClosed(state) || state.arrived.has(source) || state.contributors.has(fact.name)) return
    state.failed.add(source)
  }

  /** What the object's source is called. */
  private sourceOf(object: ObjectRef, trigger: string): string {
    const { distinctBy } = this.options
    if (distinctBy === 'key') return object.key
    return distinctBy === 'producer'
      ? (object.producer.name ?? object.producer.fn)
      : originOf(object, trigger)
  }

  /** The same for the end of a source, as far as it tells. */
  private sourceOfEnd({ scope, name, fn, key }: Closed): string {
    const { distinctBy } = this.options
    if (distinctBy === 'key') return key ?? name
    return distinctBy === 'producer' && scope === 'invocation' ? (fn ?? name) : name
  }

  /** Hedged sources end as items; of other functions that put here nothing is expected then. */
  private isEndOfSource({ scope }: Closed): boolean {
    return scope === 'producer' || scope === (this.options.hedge === undefined ? 'invocation' : 'item')
  }

  /** Whether all sources have delivered or ended. */
  private isClosed({ arrived, failed }: Race): boolean {
    return arrived.size + failed.size >= this.options.n
  }

  private onRequest(state: Race, request: ObjectRef, hedge: Hedge, ctx: TriggerContext): readonly Firing[] {
    if (!state.decided && state.started === 0) {
      state.request = request
      return this.start(state, hedge.start, hedge, ctx)
    }
    ctx.dispose(request, this.isClosed(state) ? 'late-closed' : 'surplus')
    return none
  }

  /** Starts more sources. The last one takes the request; until then it is kept, and a timer runs. */
  private start(state: Race, count: number, hedge: Hedge, ctx: TriggerContext): readonly Firing[] {
    const { request } = state
    if (request === null) return none
    const first = state.started
    state.started += count
    const isLast = state.started === this.options.n
    if (isLast) state.request = null
    else ctx.timers.set('hedge', ctx.now + hedge.everyMs)
    return Array.from({ length: count }, (_, index) => {
      const firing: Firing = { objects: [request], target: hedge.source, tag: String(first + index) }
      return isLast && index === count - 1 ? firing : { ...firing, keeps: [request] }
    })
  }

  /** Ends the round and gives what has arrived. */
  private decide(state: Race, ctx: TriggerContext): readonly ObjectRef[] {
    const objects = state.held
    state.held = []
    state.decided = true
    if (state.request !== null) {
      ctx.release(state.request)
      ctx.timers.clear('hedge')
      state.request = null
    }
    if (this.options.onSurplus === 'cancel' && !this.isClosed(state)) cancelOthers(state, ctx)
    return objects
  }

  /** Does what `onDeficit` says when fewer than `k` can deliver. */
  private goWithout(state: Race, ctx: TriggerContext, reason: string, error?: ErrorInfo): readonly Firing[] {
    const { k, onDeficit, fallback } = this.options
    const arrived = state.held.length
    const objects = this.decide(state, ctx)
    if (fallback !== undefined) return [{ objects, target: fallback, partial: true }]
    if (onDeficit === 'partial' && arrived > 0) return [{ objects, partial: true }]
    const message = `${arrived} of ${k} objects have come, and too few others can`
    const report = { reason, arrived, failed: state.failed.size, message }
    ctx.unsatisfied(error === undefined ? report : { ...report, error })
    return none
  }

  private onSessionEnd(state: Race, ctx: TriggerContext): readonly Firing[] {
    const begun = state.arrived.size + state.failed.size > 0
    return begun && !state.decided ? this.goWithout(state, ctx, 'missing') : none
  }
}

/** Configures `Redundant`: the first `k` of `n` run the target together. */
export function redundant(options: RedundantInput): TriggerSpec<RedundantInput> {
  return trigger<RedundantOptions, RedundantInput>(Redundant, options)
}

/** What the facts call the one who put the object: the tag of a hedged source, else the invocation. */
function originOf({ producer }: ObjectRef, trigger: string): string {
  return producer.cause?.trigger === trigger ? producer.cause.tag : producer.invocation
}

function cancelOthers(state: Race, ctx: TriggerContext): void {
  ctx.cancel({ producers: 'open' })
  for (let tag = 0; tag < state.started; tag += 1) {
    const open = !state.contributors.has(String(tag)) && !state.failed.has(String(tag))
    if (open) ctx.cancel({ tag: String(tag) })
  }
}

/** All but the last of the first `k` are held until that has come. */
function analyze({ k }: RedundantOptions, { maxPending }: TriggerLimits): readonly Warning[] {
  if (k - 1 <= maxPending) return []
  return [
    {
      code: 'can-never-fire',
      message: `${k} sources never come together: the trigger holds no more than ${maxPending} objects`,
      remedy: `set maxPending of the trigger to at least ${k - 1}`,
    },
  ]
}
