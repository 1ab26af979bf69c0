import type { ObjectRef, PartitionName } from '@stigmergy/core'
import type { Partition } from '@stigmergy/core/cell'
import type { TriggerHarness } from '../trigger-harness.js'
import type { Entry } from './journal.js'

/** Plain data as a text that is equal when the data are. References are their numbers in the log. */
export function outline(data: unknown): string {
  return JSON.stringify(data, (_name, value: unknown) => {
    if (value instanceof Map || value instanceof Set) return [...(value as Iterable<unknown>)]
    if (value instanceof Error) return value.message
    return isObjectRef(value) ? value.seq : value
  })
}

/** One text for each partition. */
export function partitionText({ session, by }: PartitionName): string {
  return JSON.stringify([session ?? null, by ?? null])
}

/** Throws where two journals differ, partition by partition: the order between partitions is nobody's promise. */
export function sameEntries(expected: readonly Entry[], actual: readonly Entry[], actually: string): void {
  const expectedIn = byPartition(expected)
  const actualIn = byPartition(actual)
  for (const partition of new Set([...expectedIn.keys(), ...actualIn.keys()]))
    sameTexts(expectedIn.get(partition) ?? [], actualIn.get(partition) ?? [], actually)
}

/** Throws where the states of two runs differ. */
export function sameStates(expected: TriggerHarness, actual: TriggerHarness, actually: string): void {
  for (const partition of expected.cell.partitions) {
    const other = actual.cell.partitions.find(partition.name)
    const [before, after] = [outline(essenceOf(partition)), other && outline(essenceOf(other))]
    if (before !== after)
      throw new Error(`${actually} the state is\n${after ?? 'missing'}\nand not\n${before}`)
  }
}

/** What a partition is, apart from how it came about. */
export function essenceOf({ state, pending, timers, fireSeq, phase, random }: Partition): unknown {
  const armed = [...(timers ?? [])].map(([timer, { dueAt }]) => `${timer} at ${dueAt}`).sort()
  return { state, pending: [...pending.keys()], armed, fireSeq, phase, random }
}

function sameTexts(expected: readonly string[], actual: readonly string[], actually: string): void {
  const at = Array.from({ length: Math.max(expected.length, actual.length) }, (_, index) => index).find(
    (index) => expected[index] !== actual[index],
  )
  if (at === undefined) return
  throw new Error(
    `${actually} decision ${at + 1} is\n${actual[at] ?? 'missing'}\nand not\n${expected[at] ?? 'missing'}`,
  )
}

function byPartition(entries: readonly Entry[]): ReadonlyMap<string, string[]> {
  const texts = new Map<string, string[]>()
  for (const entry of entries) {
    const partition = entry.partition === undefined ? '' : partitionText(entry.partition)
    const list = texts.get(partition)
    if (list === undefined) texts.set(partition, [outline(entry)])
    else list.push(outline(entry))
  }
  return texts
}

function isObjectRef(value: unknown): value is ObjectRef {
  return typeof value === 'object' && value !== null && 'seq' in value && 'producer' in value
}
