import { Dealer } from '../dealing.js'
import { fixedRuns } from '../formats.js'
import { bytesIn, sampleOf } from '../input.js'
import { bordersOf, HashPartitioner, type Partitioner, RangePartitioner } from '../partitioner.js'
import { FunctionProblem, InputProblem } from '../problems.js'
import { type FileRange, readRecords, type Window } from '../records.js'
import { Slice } from '../slice.js'
import { type Definition, prefixOf } from './definition.js'
import type { Account, Deal, Job, Means, Task } from './job.js'

const usualWindow = 2 ** 20
const sampleWindow = 16_384
/** Places of the input that are looked at for each range of keys. */
const placesPerRange = 4

/**
 * The map tasks for some chunks. With `partition: 'range'` it maps records from all over the input, for the borders of ranges that are
 * about equally full; these may be fewer than the job has partitions.
 */
export async function tasksFor<Record, K, V, R>(
  chunks: readonly (readonly FileRange[])[],
  job: Job,
  means: Means<Record, K, V, R>,
): Promise<readonly Task[]> {
  if (means.definition.partition !== 'range')
    return chunks.map((ranges, number) => ({ job, number, ranges, borders: [] }))
  const borders = await sampleBorders(chunks.flat(), job, means)
  const ranged = { ...job, partitions: borders.length + 1 }
  return chunks.map((ranges, number) => ({ job: ranged, number, ranges, borders }))
}

async function sampleBorders<Record, K, V, R>(
  input: readonly FileRange[],
  job: Job,
  { definition, desk, signal }: Means<Record, K, V, R>,
): Promise<readonly Uint8Array[]> {
  const ranges = sampleOf(input, job.partitions * placesPerRange, definition.input.size)
  const keys: Slice[] = []
  const window = { bytes: desk.arena(job.taskBytes), room: Math.min(sampleWindow, job.taskBytes) }
  await mapRecords(definition, { job, ranges }, window, signal, (key) =>
    keys.push(definition.key.encode(key).copy()),
  )
  return bordersOf(keys, job.partitions).map((border) => border.toBytes())
}

/** Maps the records of a task, and deals their pairs to partitions, `together` at a time. What does not fit is in a file of the desk. */
export async function mapTask<Record, K, V, R>(
  task: Task,
  together: number,
  { definition, desk, signal }: Means<Record, K, V, R>,
): Promise<{ readonly account: Account; readonly deals: readonly Deal[] }> {
  const { job, number } = task
  const arena = desk.arena(job.taskBytes)
  const window = { bytes: arena, room: Math.min(usualWindow, arena.length >>> 2) }
  using file = desk.spill(job.folder)
  const dealer = new Dealer({
    arena,
    start: window.room,
    partitions: job.partitions,
    partitioner: partitionerOf(definition, task),
    codec: definition.value,
    combine: definition.combine,
    file,
  })
  const account = await dealRecords(definition, dealer, task, window, signal)
  const dealt = await dealer.finish(together, job.mapBytes)
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
  const prefix = prefixOf(definition)
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

/** Calls map for all records of some ranges. */
async function mapRecords<Record, K, V, R>(
  { input, map }: Pick<Definition<Record, K, V, R>, 'input' | 'map'>,
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
      if (!(error instanceof InputProblem)) throw FunctionProblem.of('map', { ...position }, error)
      if (!job.skipsUnreadable) throw error
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
        throw FunctionProblem.of('partition', { key: own.toString() }, error)
      }
    },
  }
}

function checkedPartition(chosen: number, partitions: number): number {
  if (Number.isInteger(chosen) && chosen >= 0 && chosen < partitions) return chosen
  throw new RangeError(`it must return a whole number from 0 to ${partitions - 1}, not ${chosen}`)
}
