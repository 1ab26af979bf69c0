import type { Awaiting } from '@stigmergy/core'

/** Whether nothing is awaited any more. */
export function isNothing({ keys = [], count = 0, closed = [], until }: Awaiting): boolean {
  return keys.length === 0 && count === 0 && closed.length === 0 && until === undefined
}

/** What is awaited when all of these are: one object may serve several of them. */
export function allOf(each: readonly Awaiting[]): Awaiting {
  return awaiting({
    keys: union(each, keysOf),
    closed: union(each, closedOf),
    count: Math.max(0, ...each.map(({ count = 0 }) => count)),
    until: Math.max(-Infinity, ...untilsOf(each)),
  })
}

/** What is awaited when one of these will do: what each of them needs. */
export function anyOf(each: readonly Awaiting[]): Awaiting {
  const open = each.filter((one) => !isNothing(one))
  if (open.length === 0) return {}
  const byPut = open.filter((one) => closedOf(one).length === 0)
  const common = awaiting({
    keys: intersection(open, keysOf),
    closed: intersection(open, closedOf),
    count: Math.min(...byPut.map(leastPuts), Infinity),
    until: Math.min(Infinity, ...untilsOf(open)),
  })
  return isNothing(common) ? { count: 1 } : common
}

/** What is awaited when `first` is, and only then the others, one after the other. */
export function inTurn(first: Awaiting, others: readonly Awaiting[]): Awaiting {
  if (others.length === 0) return first
  const each = [first, ...others]
  return awaiting({
    keys: union(each, keysOf),
    closed: union(each, closedOf),
    count: each.reduce((sum, one) => sum + leastPuts(one), 0),
    until: first.until ?? Infinity,
  })
}

/** Leaves out what says nothing. */
function awaiting({ keys, closed, count, until }: Required<Awaiting>): Awaiting {
  return {
    ...(keys.length > 0 && { keys }),
    ...(closed.length > 0 && { closed }),
    ...(Number.isFinite(count) && count > keys.length && { count }),
    ...(Number.isFinite(until) && { until }),
  }
}

const keysOf = ({ keys = [] }: Awaiting): readonly string[] => keys
const closedOf = ({ closed = [] }: Awaiting): readonly string[] => closed

function leastPuts({ keys = [], count = 0 }: Awaiting): number {
  return Math.max(count, keys.length)
}

function untilsOf(each: readonly Awaiting[]): readonly number[] {
  return each.flatMap(({ until }) => until ?? [])
}

type Names = (awaiting: Awaiting) => readonly string[]

function union(each: readonly Awaiting[], namesOf: Names): readonly string[] {
  return [...new Set(each.flatMap(namesOf))]
}

function intersection([first = {}, ...others]: readonly Awaiting[], namesOf: Names): readonly string[] {
  return namesOf(first).filter((name) => others.every((other) => namesOf(other).includes(name)))
}
