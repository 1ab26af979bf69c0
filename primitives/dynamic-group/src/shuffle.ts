import type { Closed, ObjectRef } from '@stigmergy/core'

/** Who puts. */
export interface GroupProducer {
  /** Its place in the order of objects. */
  readonly rank: number
  closed: boolean
}

/** What has come for a group that has not fired. */
export interface OpenGroup {
  /** The producers that it waits for; null is all. */
  readonly waitsFor: Set<string> | null
  /** By producer, in order of arrival. */
  readonly held: Map<string, ObjectRef[]>
}

/** The state of a shuffle. */
export interface Shuffle {
  /** Producers that have put or ended, by name. */
  readonly producers: Map<string, GroupProducer>
  /** How many of them are closed. */
  closed: number
  /** How many producers a seal has announced. */
  sealed: number | null
  /** The names under which each running invocation has put. */
  readonly aliases: Map<string, Set<string>>
  /** By name; null has fired. */
  readonly groups: Map<string, OpenGroup | null>
  /** Objects that are in several groups, by `seq`: how many of these are still to fire. */
  readonly shared: Map<number, number>
  /** How many groups have fired. */
  fired: number
  done: boolean
}

/** A shuffle that knows nobody. */
export function newShuffle(): Shuffle {
  const known = { producers: new Map(), aliases: new Map(), groups: new Map(), shared: new Map() }
  return { ...known, closed: 0, sealed: null, fired: 0, done: false }
}

/** Whether a producer may still put, known or not. */
export function isOpen({ producers }: Shuffle, name: string): boolean {
  return producers.get(name)?.closed !== true
}

/** Finds or adds a producer; without a rank it stands behind those that are known. */
export function producerOf({ producers }: Shuffle, name: string, rank = producers.size): GroupProducer {
  const known = producers.get(name)
  if (known !== undefined) return known
  const producer = { rank, closed: false }
  producers.set(name, producer)
  return producer
}

/** Finds or adds a group that has not fired; it waits for those of its contributors that are open, by default for all producers. */
export function groupOf(shuffle: Shuffle, name: string, contributors?: readonly string[]): OpenGroup {
  const known = shuffle.groups.get(name)
  if (known) return known
  const open = contributors?.filter((producer) => isOpen(shuffle, producer))
  const group = { waitsFor: open === undefined ? null : new Set(open), held: new Map<string, ObjectRef[]>() }
  shuffle.groups.set(name, group)
  return group
}

/** Notes that an invocation puts under this name. */
export function addAlias({ aliases }: Shuffle, invocation: string, name: string): void {
  const names = aliases.get(invocation)
  if (names === undefined) aliases.set(invocation, new Set([name]))
  else names.add(name)
}

/**
 * Takes what the end of these producers makes void: of one that has failed everything, else what only earlier attempts of the
 * invocation have put. Gives each object once, however many groups it was in.
 */
export function takeSuperseded(
  { groups, shared }: Shuffle,
  producers: readonly string[],
  end: Closed,
): Iterable<ObjectRef> {
  const taken = new Map<number, ObjectRef>()
  if (end.outcome === 'succeeded' && (end.attempt ?? 1) === 1) return taken.values()
  const isSuperseded = supersededBy(end)
  for (const group of groups.values())
    for (const producer of producers) {
      const objects = group?.held.get(producer) ?? []
      for (const object of objects) if (isSuperseded(object)) taken.set(object.seq, object)
      const left = objects.filter(({ seq }) => !taken.has(seq))
      if (left.length < objects.length) group?.held.set(producer, left)
    }
  for (const seq of taken.keys()) shared.delete(seq)
  return taken.values()
}

function supersededBy({ outcome, name, attempt = 1, confirmed }: Closed): (object: ObjectRef) => boolean {
  if (outcome !== 'succeeded') return () => true
  const kept = new Set(confirmed)
  return ({ producer, seq }) => producer.invocation === name && producer.attempt < attempt && !kept.has(seq)
}

/** The groups that have waited for these producers and now wait for nobody. */
export function released({ groups }: Shuffle, producers: readonly string[]): readonly string[] {
  const names: string[] = []
  for (const [name, group] of groups) {
    const waited = producers.filter((producer) => group?.waitsFor?.delete(producer))
    if (waited.length > 0 && group?.waitsFor?.size === 0) names.push(name)
  }
  return names
}

/** Takes what is held for a group that fires: by producer, then in order of arrival. */
export function takeGroup({ groups, producers }: Shuffle, name: string): readonly ObjectRef[] {
  const held = [...(groups.get(name)?.held ?? [])]
  groups.set(name, null)
  const rankOf = (producer: string): number => producers.get(producer)?.rank ?? 0
  return held.sort(([a], [b]) => rankOf(a) - rankOf(b)).flatMap(([, objects]) => objects)
}

/** Counts that an object fires with one of its groups; true when another one is still to fire with it. */
export function isNeededAgain({ shared }: Shuffle, { seq }: ObjectRef): boolean {
  const left = (shared.get(seq) ?? 1) - 1
  if (left > 0) shared.set(seq, left)
  else shared.delete(seq)
  return left > 0
}

/** The order of the names' bytes in UTF-8, which is not that of strings. */
export function inByteOrder(names: readonly string[]): readonly string[] {
  const encoded = names.map((name) => ({ name, bytes: Buffer.from(name) }))
  return encoded.sort((a, b) => Buffer.compare(a.bytes, b.bytes)).map(({ name }) => name)
}
