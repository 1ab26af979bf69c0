import {
  type AppendFile,
  bytesIn,
  Dealer,
  type Desk,
  fixedRuns,
  HashPartitioner,
  InputProblem,
  type Partitioner,
  RangePartitioner,
  readRecords,
  Slice,
  type Window,
} from '@stigmergy/records'
import { type Definition, prefixOf } from './definition.js'
import { failureOf, userError } from './errors.js'
import type { Account, Deal, Task } from './job.js'

const usualWindow = 2 ** 20
/** As many as an object may name as its groups. */
const partitionsPerDeal = 64

/** Maps the records of a task. Its pairs are in the deals, or in the file that these speak of. */
export async function mapTask<Record, K, V, R>(
  definition: Definition<Record, K, V, R>,
  desk: Desk,
  task: Task,
  file: AppendFile,
  signal: AbortSignal,
): Promise<{ readonly account: Account; readonly deals: readonly Deal[] }> {
  const { job, number } = task
  const { value: codec, combine } = definition
  const arena = desk.arena(job.taskBytes)
  const window = { bytes: arena, room: Math.min(usualWindow, arena.length >>> 2) }
  const partitioner = partitionerOf(definition, task)
  const { partitions } = job
  const dealer = new Dealer({ arena, start: window.room, partitions, partitioner, codec, combine, file })
  const account = await dealRecords(definition, dealer, task, window, signal)
  const dealt = await dealer.finish(partitionsPerDeal, job.mapBytes)
  return { account, deals: dealt.map((part) => ({ job, task: number, ...part })) }
}

async function dealRecords<Record, K, V, R>(
  definition: Definition<Record, K, V, R>,
  dealer: Dealer<V>,
  task: Task,
  window: Window,
  signal: AbortSignal,
): Promise<Account> {
  const { input, key } = definition
  const prefix = prefixOf(definition as unknown as Definition<never, never, never>)
  if (prefix === undefined)
    return mapRecords(definition, task, window, signal, (at, own) => dealer.add(key.encode(at), own))
  let records = 0
  const map = (run: Slice): void => {
    records += run.length / input.size
    dealer.addRecords(run, input.size, prefix)
  }
  const runs = { input: fixedRuns(input.size), map }
  return { ...(await mapRecords(runs, task, window, signal, () => undefined)), records }
}

/** Calls map for all records of a task. */
export async function mapRecords<Record, K, V>(
  { input, map }: Pick<Definition<Record, K, V>, 'input' | 'map'>,
  { ranges, job }: Pick<Task, 'ranges' | 'job'>,
  window: Window,
  signal: AbortSignal,
  emit: (key: K, value: V) => void,
): Promise<Account> {
  const position = { file: '', offset: 0 }
  const skipped: Account['skipped'][number][] = []
  let records = 0
  const each = (record: Record, offset: number): void => {
    position.offset = offset
    records += 1
    map(record, emit, position)
  }
  for (const range of ranges) {
    position.file = range.file
    try {
      await readRecords(range, input, window, signal, each)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof InputProblem)) throw userError('map', error, { ...position })
      if (!job.skipsUnreadable) throw failureOf(error)
      skipped.push({ file: error.file, problem: error.problem })
    }
  }
  return { records, skipped, bytes: bytesIn(ranges) }
}

function partitionerOf<Record, K, V, R>(
  { key, partition = 'hash' }: Definition<Record, K, V, R>,
  { job: { partitions }, borders }: Task,
): Partitioner {
  if (partition === 'hash') return new HashPartitioner(partitions)
  if (partition === 'range') return new RangePartitioner(borders.map((border) => Slice.of(border)))
  return {
    of: (bytes, start, end) => {
      const own = new Slice(bytes, start, end)
      try {
        return checkedPartition(partition(key.decode(own), partitions), partitions)
      } catch (error) {
        throw userError('partition', error, { key: own.toString() })
      }
    },
  }
}

function checkedPartition(chosen: number, partitions: number): number {
  if (Number.isInteger(chosen) && chosen >= 0 && chosen < partitions) return chosen
  throw new RangeError(`it must return a whole number from 0 to ${partitions - 1}, not ${chosen}`)
}
