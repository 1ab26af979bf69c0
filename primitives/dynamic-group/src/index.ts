import { primitive, Trigger, trigger } from '@stigmergy/core'
import type {
  Closed,
  Disposition,
  Firing,
  ObjectRef,
  Status,
  Target,
  TriggerContext,
  TriggerSpec,
} from '@stigmergy/core'
import { z } from 'zod'
import {
  addAlias,
  groupOf,
  inByteOrder,
  isNeededAgain,
  isOpen,
  newShuffle,
  producerOf,
  released,
  takeGroup,
  takeSuperseded,
} from './shuffle.js'
import type { Shuffle } from './shuffle.js'

export type { GroupProducer, OpenGroup, Shuffle } from './shuffle.js'

const name = z.string().min(1, 'must not be empty')
const names = z
  .array(name)
  .min(1, 'must name at least one')
  .max(10_000)
  .refine((list) => new Set(list).size === list.length, 'holds a name twice')

const producers = z.union(
  [
    names.transform((list) => ({ ranks: new Map(list.map((producer, rank) => [producer, rank])) })),
    z.strictObject({ count: z.int().min(1).max(1_000_000) }),
    z.literal('sealed').transform(() => ({ sealed: true })),
  ],
  { error: "must be a list of 1 to 10,000 distinct names, { count } of 1 to 1,000,000 or 'sealed'" },
)

const options = z
  .strictObject({
    producers,
    mode: z.enum(['barrier', 'pipelined']).default('barrier'),
    groups: names.transform((list) => new Set(list)).optional(),
    defaultGroup: name.optional(),
    fireEmptyGroups: z.boolean().default(false),
    order: z.literal('producerThenSeq').default('producerThenSeq'),
    maxGroups: z.int().min(1).max(1_000_000).default(100_000),
    onProducerError: z.enum(['fail', 'skip']).default('fail'),
    onEmpty: name.optional(),
  })
  .refine(({ groups, fireEmptyGroups }) => groups !== undefined || !fireEmptyGroups, {
    path: ['fireEmptyGroups'],
    error: 'needs groups: without them nobody knows which are empty',
  })
  .refine(({ groups, defaultGroup }) => defaultGroup === undefined || groups?.has(defaultGroup) !== false, {
    path: ['defaultGroup'],
    error: 'is not one of groups',
  })

/** Options of `DynamicGroup` after they have been checked: listed producers with their places, declared groups as a set. */
export type DynamicGroupOptions = z.output<typeof options>

/** Options of `dynamicGroup` as an app writes them. */
export interface DynamicGroupInput {
  /** Who puts: 1 to 10,000 names (put option `producer`, else the function), how many there are, or that a seal will say. */
  readonly producers: readonly string[] | { readonly count: number } | 'sealed'
  /** Groups wait for all producers, or for those that `meta.contributors` of their first object names. Default `barrier`. */
  readonly mode?: 'barrier' | 'pipelined'
  /** The only groups there are, 1 to 10,000; objects of others are disposed as `unmatched`. Default any. */
  readonly groups?: readonly string[]
  /** The group of objects that name none. Without it they are disposed as `fault`. */
  readonly defaultGroup?: string
  /** Whether declared groups without objects fire too. Needs `groups`. Default false. */
  readonly fireEmptyGroups?: boolean
  /** The order of a group's objects: by producer (as declared, else as they first put), then by arrival. */
  readonly order?: 'producerThenSeq'
  /** How many groups there may be. 1 to 1,000,000, default 100,000. */
  readonly maxGroups?: number
  /** What a producer that fails does: end the shuffle, or be left out with all that it has put. Default `fail`. */
  readonly onProducerError?: 'fail' | 'skip'
  /** Runs, without objects, when all producers have ended and no group has fired. Default nothing does. */
  readonly onEmpty?: Target
}

const none: readonly Firing[] = []

/** Fires once per group when all producers have ended, with the objects that they have put into the group. */
@primitive({
  name: 'dynamic-group',
  scope: 'session',
  stateVersion: 1,
  options,
  targets: ({ onEmpty }) => (onEmpty === undefined ? [] : [onEmpty]),
  firesEmpty: ({ onEmpty, fireEmptyGroups }) => fireEmptyGroups || onEmpty !== undefined,
  listensTo: ['invocation', 'producer', 'items', 'session'],
})
export class DynamicGroup extends Trigger<DynamicGroupOptions, Shuffle> {
  initialState(): Shuffle {
    return newShuffle()
  }

  onObject(state: Shuffle, object: ObjectRef, ctx: TriggerContext): readonly Firing[] {
    const producer = this.nameOf(object)
    const groups = this.groupsFor(state, object, producer)
    if (typeof groups === 'string') ctx.dispose(object, groups)
    else this.hold(state, object, producer, groups)
    if (groups === 'overflow')
      ctx.unsatisfied({
        reason: 'overflow',
        message: `more than ${this.options.maxGroups} groups have come`,
      })
    return none
  }

  override onClosed(state: Shuffle, fact: Closed, ctx: TriggerContext): readonly Firing[] {
    if (fact.scope === 'producer' || fact.scope === 'invocation') return this.onEnd(state, fact, ctx)
    if (fact.scope === 'items') return this.onSeal(state, fact.expected ?? state.producers.size, ctx)
    return fact.scope === 'session' ? this.onSessionEnd(state, ctx) : none
  }

  describe(state: Shuffle): Status {
    const held = new Map<number, ObjectRef>()
    for (const group of state.groups.values())
      for (const object of [...(group?.held.values() ?? [])].flat()) held.set(object.seq, object)
    return { held: [...held.values()], awaiting: state.done ? {} : { closed: this.unclosed(state) } }
  }

  private nameOf({ producer }: ObjectRef): string {
    return producer.name ?? ('ranks' in this.options.producers ? producer.fn : producer.invocation)
  }

  /** The groups that take the object, or why none does. */
  private groupsFor(state: Shuffle, object: ObjectRef, producer: string): readonly string[] | Disposition {
    if (state.done || !isOpen(state, producer)) return 'late-closed'
    if (!this.isExpected(state, producer)) return 'unmatched'
    const named = this.groupsOf(object)
    if (named.length === 0) return 'fault'
    const groups = named.filter((group) => this.takes(state, group, producer, object))
    if (groups.length === 0)
      return named.some((group) => state.groups.get(group) === null) ? 'late-closed' : 'unmatched'
    return this.hasRoom(state, groups) ? groups : 'overflow'
  }

  private hasRoom({ groups: known }: Shuffle, groups: readonly string[]): boolean {
    const { maxGroups } = this.options
    if (known.size + groups.length <= maxGroups) return true
    return known.size + groups.filter((group) => !known.has(group)).length <= maxGroups
  }

  private groupsOf({ group = this.options.defaultGroup, groups }: ObjectRef): readonly string[] {
    if (groups !== undefined && groups.length > 0) return [...new Set(groups)]
    return group === undefined ? [] : [group]
  }

  private takes(state: Shuffle, name: string, producer: string, object: ObjectRef): boolean {
    if (this.options.groups?.has(name) === false) return false
    const group = state.groups.get(name)
    if (group === undefined) return this.contributorsOf(object)?.includes(producer) ?? true
    return group !== null && (group.waitsFor?.has(producer) ?? true)
  }

  private contributorsOf({ meta }: ObjectRef): readonly string[] | undefined {
    const contributors = this.options.mode === 'pipelined' ? meta?.['contributors'] : undefined
    return Array.isArray(contributors) ? contributors.map(String) : undefined
  }

  private hold(state: Shuffle, object: ObjectRef, producer: string, groups: readonly string[]): void {
    producerOf(state, producer, this.rankOf(producer))
    for (const group of groups) {
      const { held } = groupOf(state, group, this.contributorsOf(object))
      const objects = held.get(producer)
      if (objects === undefined) held.set(producer, [object])
      else objects.push(object)
    }
    if (groups.length > 1) state.shared.set(object.seq, groups.length)
    if (object.producer.fn !== '') addAlias(state, object.producer.invocation, producer)
  }

  private rankOf(producer: string): number | undefined {
    const { producers } = this.options
    return 'ranks' in producers ? producers.ranks.get(producer) : undefined
  }

  private listed(): readonly string[] {
    const { producers } = this.options
    return 'ranks' in producers ? [...producers.ranks.keys()] : []
  }

  /** How many producers there are in all; null while nobody knows. */
  private expected({ sealed }: Shuffle): number | null {
    const { producers } = this.options
    if ('ranks' in producers) return producers.ranks.size
    return 'count' in producers ? producers.count : sealed
  }

  private isExpected(state: Shuffle, producer: string): boolean {
    const { producers } = this.options
    if ('ranks' in producers) return producers.ranks.has(producer)
    return state.producers.has(producer) || state.producers.size !== this.expected(state)
  }

  private onEnd(state: Shuffle, fact: Closed, ctx: TriggerContext): readonly Firing[] {
    const ended = this.endedBy(state, fact)
    const open = ended.filter((name) => isOpen(state, name))
    if (ended.length === 0 && fact.scope === 'producer')
      ctx.refuse('STG_TRIGGER_SEAL_CONFLICT', `The producer "${fact.name}" is not one of those expected.`)
    if (ended.length > 0 && fact.outcome !== 'succeeded') {
      if (this.options.onProducerError === 'fail') return fail(open, fact, ctx)
      ctx.absorb()
    }
    return open.length === 0 ? none : this.close(state, open, fact, ctx)
  }

  /** The producers that a fact ends, of those expected: an invocation ends those it has put as, or itself. */
  private endedBy(state: Shuffle, { name, fn = name }: Closed): readonly string[] {
    const itself = 'ranks' in this.options.producers ? fn : name
    const names = state.aliases.get(name) ?? [itself]
    return [...names].filter((producer) => this.isExpected(state, producer))
  }

  private close(
    state: Shuffle,
    producers: readonly string[],
    end: Closed,
    ctx: TriggerContext,
  ): readonly Firing[] {
    for (const name of producers) producerOf(state, name, this.rankOf(name)).closed = true
    state.closed += producers.length
    for (const object of takeSuperseded(state, producers, end)) ctx.dispose(object, 'superseded')
    const isLast = state.closed === this.expected(state)
    return isLast ? this.finish(state) : this.fire(state, released(state, producers))
  }

  private onSeal(state: Shuffle, expected: number, ctx: TriggerContext): readonly Firing[] {
    const { size } = state.producers
    if (!('sealed' in this.options.producers) || expected === state.sealed) return none
    if (state.sealed !== null || expected < size) {
      const known = state.sealed === null ? `${size} have put or ended` : `${state.sealed} were announced`
      ctx.refuse('STG_TRIGGER_SEAL_CONFLICT', `There cannot be ${expected} producers: ${known}.`)
      return none
    }
    state.sealed = expected
    return state.closed === expected ? this.finish(state) : none
  }

  /** Nothing of the session runs any more: whoever has put has ended, and whoever has not never will. */
  private onSessionEnd(state: Shuffle, ctx: TriggerContext): readonly Firing[] {
    const { size } = state.producers
    if (state.done || (size === 0 && state.sealed === null)) return none
    const expected = this.expected(state) ?? size
    if (size < expected) {
      const message = `the session ended with ${size} of ${expected} producers`
      const missing = this.listed().filter((name) => !state.producers.has(name))
      ctx.unsatisfied({ reason: 'missing', missing, arrived: size, message })
      return none
    }
    for (const producer of state.producers.values()) producer.closed = true
    state.closed = state.sealed = expected
    return this.finish(state)
  }

  /** Fires what is left when there is nobody to wait for. */
  private finish(state: Shuffle): readonly Firing[] {
    const { groups, fireEmptyGroups, onEmpty } = this.options
    const names = fireEmptyGroups && groups !== undefined ? groups : state.groups.keys()
    const due = [...names].filter((name) => state.groups.get(name) !== null)
    const firings = this.fire(state, due)
    state.done = true
    state.groups.clear()
    state.aliases.clear()
    return state.fired === 0 && onEmpty !== undefined ? [{ objects: [], target: onEmpty }] : firings
  }

  private fire(state: Shuffle, names: readonly string[]): readonly Firing[] {
    const groups = inByteOrder(names).map((name) => ({ name, objects: takeGroup(state, name) }))
    const ready = groups.filter(({ objects }) => objects.length > 0 || this.options.fireEmptyGroups)
    const first = state.fired
    state.fired += ready.length
    return ready.map(({ name, objects }, index) => {
      const place = { group: name, groupIndex: first + index }
      const meta = this.options.mode === 'barrier' ? { ...place, groupCount: ready.length } : place
      const keeps = state.shared.size === 0 ? [] : objects.filter((object) => isNeededAgain(state, object))
      return keeps.length === 0 ? { objects, meta } : { objects, keeps, meta }
    })
  }

  /** What must be closed, in words: producers that are known, and `items` for those that are not. */
  private unclosed(state: Shuffle): readonly string[] {
    const known = new Set([...this.listed(), ...state.producers.keys()])
    const open = [...known].filter((name) => isOpen(state, name))
    return known.size === this.expected(state) ? open : [...open, 'items']
  }
}

/** Configures `DynamicGroup`: the objects of each group run the target together. */
export function dynamicGroup(options: DynamicGroupInput): TriggerSpec<DynamicGroupInput> {
  return trigger<DynamicGroupOptions, DynamicGroupInput>(DynamicGroup, options)
}

function fail(open: readonly string[], { error }: Closed, ctx: TriggerContext): readonly Firing[] {
  const report = { reason: 'failed', missing: open, failed: open.length, message: 'a producer has failed' }
  if (open.length > 0) ctx.unsatisfied(error === undefined ? report : { ...report, error })
  return none
}
