import { primitive, Trigger, trigger } from '@stigmergy/core'
import type {
  Awaiting,
  Closed,
  ErrorInfo,
  Firing,
  ObjectRef,
  Outcome,
  Status,
  Target,
  TriggerContext,
  TriggerSpec,
  Unsatisfied,
} from '@stigmergy/core'
import { z } from 'zod'

const options = z.strictObject({
  parallel: z.string().min(1),
  eager: z.boolean().default(true),
  maxItems: z.int().min(1).max(1_000_000).default(100_000),
  maxParallel: z.int().min(0).max(1_000_000).default(0),
  resultsPerItem: z.enum(['one', 'many']).default('one'),
  onItemError: z.enum(['fail', 'skip', 'collect']).default('fail'),
  tolerate: z
    .union(
      [
        z.strictObject({ count: z.int().min(0).max(1_000_000) }),
        z.strictObject({ percent: z.int().min(0).max(100) }),
      ],
      { error: 'must be { count } of 0 to 1,000,000 or { percent } of 0 to 100' },
    )
    .optional(),
  sealOnSessionEnd: z.boolean().default(true),
  fireEmpty: z.boolean().default(true),
})

/** Options of `DynamicJoin` after they have been checked. */
export type DynamicJoinOptions = z.output<typeof options>

/** Options of `dynamicJoin` as an app writes them. */
export interface DynamicJoinInput {
  /** Runs once for each item. The objects it puts into this bucket are the results of the item. */
  readonly parallel: Target
  /** Whether items start as they come, or only when the set is sealed. Default true. */
  readonly eager?: boolean
  /** The largest set. 1 to 1,000,000 items, default 100,000. */
  readonly maxItems?: number
  /** How many items may be unfinished at a time. 0, the default, is any number. */
  readonly maxParallel?: number
  /** Whether an item is done at its first result, or when its function has ended. Default `one`. */
  readonly resultsPerItem?: 'one' | 'many'
  /** What a failed item does: end the join, be left out, or be left out and be told of in `meta.outcomes`. Default `fail`. */
  readonly onItemError?: 'fail' | 'skip' | 'collect'
  /** How many items may fail before the join ends. Default none with `fail`, any number with `skip` and `collect`. */
  readonly tolerate?: { readonly count: number } | { readonly percent: number }
  /** Whether the end of the session seals a set that nobody has sealed. Default true. */
  readonly sealOnSessionEnd?: boolean
  /** Whether a join without results fires. Default true. */
  readonly fireEmpty?: boolean
}

/** What has become of an item, by its key, since it was started. */
export type Work =
  | Running
  | { readonly is: 'done'; readonly key: string; readonly results: readonly ObjectRef[] }
  | { readonly is: 'failed'; readonly key: string; readonly outcome: Outcome; readonly error: ErrorInfo }

/** An item at work. */
export interface Running {
  readonly is: 'running'
  readonly key: string
  readonly results: ObjectRef[]
}

/** A set of items on its way through the parallel stage. */
export interface ItemSet {
  /** The items that have come, in order. */
  readonly items: ObjectRef[]
  /** How many of `items` have been started: the first ones. */
  started: number
  /** What has become of these, by the tag of their firing and in the order of the items. */
  readonly work: Map<string, Work>
  /** How many of these are done or failed. */
  settled: number
  failed: number
  /** How many items there are in all; null until the set is sealed. */
  expected: number | null
  joined: boolean
}

const none: readonly Firing[] = []
const noResult: ErrorInfo = { name: 'ResultMissing', message: 'The function of the item put no result.' }

/** Fires `parallel` for each item, and once the target: with the results of all items, in the order of the items. */
@primitive({
  name: 'dynamic-join',
  scope: 'session',
  stateVersion: 1,
  options,
  targets: ({ parallel }) => [parallel],
  firesEmpty: ({ fireEmpty }) => fireEmpty,
  listensTo: ['item', 'items', 'session'],
})
export class DynamicJoin extends Trigger<DynamicJoinOptions, ItemSet> {
  initialState(): ItemSet {
    return { items: [], started: 0, work: new Map(), settled: 0, failed: 0, expected: null, joined: false }
  }

  onObject(state: ItemSet, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    if (object.role === 'item') return this.onItem(state, object, ctx)
    const { cause } = object.producer
    if (cause?.trigger === ctx.trigger) return this.onResult(state, cause.tag, object, ctx)
    ctx.dispose(object, 'unmatched')
    return none
  }

  override onClosed(state: ItemSet, fact: Closed, ctx: TriggerContext): readonly Firing[] {
    if (fact.scope === 'item') return this.onItemEnd(state, fact, ctx)
    if (fact.scope === 'items') return this.onSeal(state, fact.expected ?? state.items.length, ctx)
    return fact.scope === 'session' ? this.onSessionEnd(state, ctx) : none
  }

  describe(state: ItemSet): Status {
    const waiting = state.items.slice(state.started)
    const results = [...state.work.values()].flatMap(resultsOf)
    return { held: [...waiting, ...results], awaiting: state.joined ? {} : this.awaiting(state) }
  }

  private awaiting(state: ItemSet): Awaiting {
    const { items, work, settled, expected } = state
    const seal = expected === null ? ['items'] : []
    const toCome = (expected ?? items.length) - items.length
    if (this.options.resultsPerItem === 'one')
      return { closed: seal, count: 2 * toCome + items.length - settled }
    const unfinished = items.filter((item) => (work.get(tagOf(item))?.is ?? 'running') === 'running')
    return { closed: [...seal, ...unfinished.map(({ key }) => `item ${key}`)], count: toCome }
  }

  private onItem(state: ItemSet, item: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    const { maxItems } = this.options
    if (isComplete(state)) {
      ctx.dispose(item, 'late-closed')
      ctx.refuse('STG_TRIGGER_SEALED', `Item "${item.key}" came after all ${state.items.length} of its set.`)
      return none
    }
    if (state.items.length === maxItems) {
      ctx.dispose(item, 'overflow')
      return giveUp(state, ctx, { reason: 'overflow', message: `more than ${maxItems} items have come` })
    }
    state.items.push(item)
    return this.advance(state)
  }

  private onResult(state: ItemSet, tag: string, result: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    const work = state.work.get(tag)
    if (work?.is !== 'running') {
      ctx.dispose(result, work === undefined && !state.joined ? 'unmatched' : 'surplus')
      return none
    }
    work.results.push(result)
    if (this.options.resultsPerItem === 'many') return none
    settle(state, tag, { is: 'done', key: work.key, results: work.results })
    return this.advance(state)
  }

  private onItemEnd(state: ItemSet, fact: Closed, ctx: TriggerContext): readonly Firing[] {
    const work = state.work.get(fact.name)
    if (work?.is !== 'running') {
      // The item is done or given up already: how its function ended matters no more.
      if (work !== undefined || state.joined) ctx.absorb()
      return none
    }
    const end = this.endOf(work, fact)
    settle(state, fact.name, end)
    if (end.is === 'failed') for (const result of work.results) ctx.dispose(result, 'superseded')
    if (!this.tolerates(state)) return giveUp(state, ctx, tooManyFailures(state))
    ctx.absorb()
    return this.advance(state)
  }

  /** What becomes of an item when its function has ended. */
  private endOf({ key, results }: Running, { outcome, error }: Closed): Work {
    if (outcome !== 'succeeded') return { is: 'failed', key, outcome, error: error ?? unfinished(outcome) }
    if (results.length > 0 || this.options.resultsPerItem === 'many') return { is: 'done', key, results }
    return { is: 'failed', key, outcome: 'failed', error: noResult }
  }

  private tolerates({ failed, expected }: ItemSet): boolean {
    const { onItemError, tolerate } = this.options
    if (tolerate === undefined) return onItemError !== 'fail' || failed === 0
    if ('count' in tolerate) return failed <= tolerate.count
    return expected === null || failed <= Math.floor((expected * tolerate.percent) / 100)
  }

  private onSeal(state: ItemSet, expected: number, ctx: TriggerContext): readonly Firing[] {
    const { length } = state.items
    if (expected === state.expected) return none
    if (state.expected !== null || expected < length) {
      const known = state.expected === null ? `${length} have come` : `${state.expected} were announced`
      ctx.refuse('STG_TRIGGER_SEAL_CONFLICT', `The set cannot be sealed with ${expected} items: ${known}.`)
      return none
    }
    state.expected = expected
    return this.tolerates(state) ? this.advance(state) : giveUp(state, ctx, tooManyFailures(state))
  }

  /** Nothing of the session runs any more, so what has not come by now never will. */
  private onSessionEnd(state: ItemSet, ctx: TriggerContext): readonly Firing[] {
    const { items, expected, joined } = state
    if (joined || (items.length === 0 && expected === null)) return none
    if (expected === null && !this.options.sealOnSessionEnd)
      return giveUp(state, ctx, { reason: 'unsealed', message: 'the session ended with the set unsealed' })
    if (expected !== null && items.length < expected) {
      const message = `the session ended with ${items.length} of ${expected} items`
      return giveUp(state, ctx, { reason: 'missing', message })
    }
    return this.onSeal(state, items.length, ctx)
  }

  /** Starts what may start, and joins when nothing is left to wait for. */
  private advance(state: ItemSet): readonly Firing[] {
    if (isComplete(state) && state.settled === state.items.length)
      return [...this.start(state), ...this.join(state)]
    return state.started < state.items.length ? this.start(state) : none
  }

  private start(state: ItemSet): Firing[] {
    const { parallel, eager, maxParallel } = this.options
    if (!eager && state.expected === null) return []
    const end = maxParallel === 0 ? state.items.length : state.settled + maxParallel
    const starting = state.items.slice(state.started, end)
    state.started += starting.length
    return starting.map((item) => {
      const tag = tagOf(item)
      state.work.set(tag, { is: 'running', key: item.key, results: [] })
      return { objects: [item], target: parallel, tag }
    })
  }

  private join(state: ItemSet): readonly Firing[] {
    const work = [...state.work.values()]
    state.joined = true
    state.work.clear()
    const objects = work.flatMap(resultsOf)
    if (objects.length === 0 && !this.options.fireEmpty) return none
    const errors = work.flatMap((item) =>
      item.is === 'failed' ? [{ key: item.key, error: item.error }] : [],
    )
    const collects = this.options.onItemError === 'collect'
    return [{ objects, meta: collects ? { errors, outcomes: work.map(outcomeOf) } : { errors } }]
  }
}

/** Configures `DynamicJoin`: items run `parallel` one by one, and their results run the target together. */
export function dynamicJoin(options: DynamicJoinInput): TriggerSpec<DynamicJoinInput> {
  return trigger<DynamicJoinOptions, DynamicJoinInput>(DynamicJoin, options)
}

function isComplete({ items, expected }: ItemSet): boolean {
  return items.length === expected
}

function tagOf(item: ObjectRef): string {
  return String(item.seq)
}

function unfinished(outcome: Outcome): ErrorInfo {
  return { name: 'ItemUnfinished', message: `The function of the item ended as ${outcome}.` }
}

function settle(state: ItemSet, tag: string, work: Work): void {
  state.work.set(tag, work)
  state.settled += 1
  if (work.is === 'failed') state.failed += 1
}

function resultsOf(work: Work): readonly ObjectRef[] {
  return work.is === 'failed' ? [] : work.results
}

function outcomeOf(work: Work): { key: string; outcome: Outcome; objects: number } {
  const outcome = work.is === 'failed' ? work.outcome : 'succeeded'
  return { key: work.key, outcome, objects: resultsOf(work).length }
}

function tooManyFailures({ work, failed }: ItemSet): Unsatisfied {
  const first = [...work.values()].find((item) => item.is === 'failed')
  const report = { reason: 'failed', failed, message: `${failed} items have failed, more than are tolerated` }
  return first === undefined ? report : { ...report, error: first.error }
}

/** Ends the join: what still runs runs in vain. */
function giveUp({ work, items }: ItemSet, ctx: TriggerContext, report: Unsatisfied): readonly Firing[] {
  for (const [tag, { is }] of work) if (is === 'running') ctx.cancel({ tag })
  ctx.unsatisfied({ ...report, arrived: items.length })
  return none
}
