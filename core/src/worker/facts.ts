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
export function hasAudience({ record, order, slot, listeners }: Invocation): boolean {
  if (order?.tag !== undefined && order.bucket !== undefined) return true
  if (record?.firing.tag !== undefined && record.partition.cell.listensTo('item')) return true
  if (listeners !== undefined) return true
  for (const bucket of slot.puts) if (bucket.hearsProducers) return true
  return false
}

/**
 * What the end of an invocation means to triggers, derived from its lineage: to the trigger whose tagged firing it was, that an item
 * has ended; to the triggers of the buckets that it puts into, that a producer has. Without `session`, whose triggers end with it,
 * only triggers that outlive the session are told.
 */
export function factsOf(
  invocation: Invocation,
  end: InvocationEnd,
  awaited: readonly Watch[],
  session: LiveSession | undefined,
): readonly AddressedFact[] {
  const { record, slot, listeners } = invocation
  const facts: AddressedFact[] = []
  if (record?.firing.tag !== undefined && (session !== undefined || !record.partition.isOfSession))
    if (record.partition.cell.listensTo('item'))
      facts.push({ partition: record.partition, fact: ended('item', record.firing.tag, end) })
  if (slot.puts.length === 0 && listeners === undefined && awaited.length === 0) return facts
  const fact = producerFact(invocation, end)
  const cells = new Set([...slot.puts, ...(listeners ?? [])].flatMap((bucket) => bucket.cells))
  for (const { cell } of awaited) cells.add(cell)
  for (const cell of cells)
    for (const each of factsFor(cell, fact, awaited))
      for (const partition of partitionsOf(cell, session)) facts.push({ partition, fact: each })
  return facts
}

/**
 * Tells the triggers elsewhere, of the buckets that the invocation puts into, that a producer has ended; and when it has failed, the one
 * whose tagged firing it was, that an item has. Whether each of them provides for the failure.
 */
export function tellShared(
  invocation: Invocation,
  end: InvocationEnd,
  buckets: ReadonlyMap<string, Bucket>,
): readonly Promise<boolean>[] {
  const { slot, listeners, order } = invocation
  const answers: Promise<boolean>[] = []
  if (order?.tag !== undefined && order.bucket !== undefined && end.outcome === 'failed') {
    const shared = buckets.get(order.bucket)?.shared
    if (shared !== undefined) answers.push(shared.itemFailed(order.id, ended('item', order.tag, end)))
  }
  for (const { shared } of new Set([...slot.puts, ...(listeners ?? [])]))
    if (shared?.hears === true) answers.push(shared.tell(producerFact(invocation, end)))
  return answers
}

function ended(
  scope: 'item' | 'invocation',
  name: string,
  { outcome, attempt, error }: InvocationEnd,
): Closed {
  return error === undefined
    ? { scope, name, outcome, attempt }
    : { scope, name, outcome, attempt, error: errorInfo(error) }
}

function producerFact({ id, fn, confirmed }: Invocation, end: InvocationEnd): Closed {
  const fact = { ...ended('invocation', id, end), fn }
  return confirmed === undefined ? fact : { ...fact, confirmed }
}

/** The partitions of a trigger that a fact of user code concerns. */
export function audience(
  cell: TriggerCell,
  scope: Closed['scope'],
  session: LiveSession,
): readonly Partition[] {
  return cell.listensTo(scope) ? partitionsOf(cell, session) : []
}

function partitionsOf(cell: TriggerCell, session: LiveSession | undefined): readonly Partition[] {
  const { scope, partitionBy } = cell.common
  if (scope === 'session') {
    if (session === undefined) return []
    if (partitionBy === undefined) return [cell.partitions.open({ session: session.id })]
    return session.partitions.filter((partition) => partition.cell === cell)
  }
  return partitionBy === undefined ? [cell.partitions.open({})] : [...cell.partitions]
}

/** One fact for each key that the trigger still awaits; else the one fact, if the trigger wants it. */
function factsFor(cell: TriggerCell, fact: Closed, awaited: readonly Watch[]): readonly Closed[] {
  const own = awaited.filter((watch) => watch.cell === cell && watch.expectation.key !== undefined)
  if (own.length > 0) return own.map(({ expectation }) => ({ ...fact, key: expectation.key! }))
  return cell.listensTo('invocation') ? [fact] : []
}
