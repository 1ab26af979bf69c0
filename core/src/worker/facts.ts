import type { Bucket } from '../bucket/bucket.js'
import type { TriggerCell } from '../bucket/trigger-cell.js'
import type { Partition } from '../bucket/partition.js'
import type { Closed } from '../contract/index.js'
import { errorInfo } from '../error-info.js'
import type { LiveSession } from '../session/live-session.js'
import type { InvocationEnd } from './executor.js'
import type { Watch } from './function-slot.js'
import type { Invocation } from './invocation.js'

/** A fact and where it goes. */
export interface AddressedFact {
  readonly partition: Partition
  readonly fact: Closed
}

/** Whether some trigger may want to know that the invocation has ended. */
export function hasAudience({ record, slot, listeners }: Invocation): boolean {
  if (record?.firing.tag !== undefined && record.partition.cell.listens) return true
  return (listeners?.size ?? 0) > 0 || slot.puts.some((bucket) => bucket.listens)
}

/**
 * What the end of an invocation means to triggers, derived from its lineage: to the trigger whose tagged firing it was, that an item
 * has ended; to the triggers of the buckets that it puts into, that a producer has.
 */
export function factsOf(
  invocation: Invocation,
  end: InvocationEnd,
  awaited: readonly Watch[],
): AddressedFact[] {
  const { record, slot, listeners, home } = invocation
  const base = {
    outcome: end.outcome,
    attempt: end.attempt,
    ...(end.error === undefined ? {} : { error: errorInfo(end.error) }),
  }
  const facts: AddressedFact[] = []
  if (record?.firing.tag !== undefined)
    facts.push({ partition: record.partition, fact: { scope: 'item', name: record.firing.tag, ...base } })
  const buckets = new Set<Bucket>([...slot.puts, ...(listeners ?? [])])
  const confirmed = invocation.confirmed === undefined ? {} : { confirmed: invocation.confirmed }
  const fact: Closed = { scope: 'invocation', name: invocation.id, fn: slot.name, ...base, ...confirmed }
  for (const bucket of buckets)
    for (const cell of bucket.cells)
      for (const each of factsFor(cell, fact, awaited))
        for (const partition of audience(cell, home)) facts.push({ partition, fact: each })
  return facts.filter(({ partition }) => partition.cell.listens)
}

/** The partitions of a trigger that a fact of the session concerns. */
export function audience(cell: TriggerCell, session: LiveSession): readonly Partition[] {
  if (!cell.listens) return []
  const { scope, partitionBy } = cell.definition.common
  if (scope === 'session') {
    if (partitionBy === undefined) return [cell.partitions.open({ session: session.id })]
    return session.partitions.filter((partition) => partition.cell === cell)
  }
  return partitionBy === undefined ? [cell.partitions.open({})] : [...cell.partitions]
}

/** One fact for each key that the trigger still awaits, or the one fact. */
function factsFor(cell: TriggerCell, fact: Closed, awaited: readonly Watch[]): readonly Closed[] {
  const own = awaited.filter((watch) => watch.cell === cell && watch.expectation.key !== undefined)
  return own.length === 0 ? [fact] : own.map(({ expectation }) => ({ ...fact, key: expectation.key! }))
}
