import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { AppendFile } from '../append-file.js'
import { piecesFor, sharesOf } from '../dealing.js'
import { Group } from '../group.js'
import type { Pair } from '../pair.js'
import type { Piece } from '../pieces.js'
import { FunctionProblem } from '../problems.js'
import { Region } from '../region.js'
import { Slice } from '../slice.js'
import { Sorting } from '../sorting.js'
import type { Source } from '../sources.js'
import { type Definition, resultCodecOf } from './definition.js'
import type { Deal, Job, Means, Reduced } from './job.js'

/** Results between which the event loop gets no turn. */
const together = 10_000

/** Reduces a partition, given the deal of each map task that it is in. Results for the caller may be left in a file of the desk. */
export async function reduceTask<Record, K, V, R>(
  partition: number,
  given: readonly Deal[],
  { definition, desk, signal }: Means<Record, K, V, R>,
): Promise<Reduced> {
  const deals = given.toSorted((one, other) => one.task - other.task)
  const { job } = deals[0]!
  const pieces = deals.flatMap((deal) => piecesFor(partition, deal))
  const { pairs, bytes, before } = sharesOf(partition, deals)
  const arena = desk.arena(pieces.reduce((most, piece) => Math.max(most, 2 * piece.bytes), job.taskBytes))
  await using sorting = new Sorting(arena, desk.order, job.folder)
  const source = await sorting.sorted(pieces, signal)
  using file = fileFor(job, partition, before) ?? desk.spill(job.folder)
  const region = new Region(arena, arena.length >>> 1, arena.length, file)
  await takeAll(source, takerOf(definition, job, region), signal)
  return { partition, pairs, bytes, results: await resultsOf(job, region, file) }
}

/** Where a partition is written to; undefined if the caller gets it. */
function fileFor({ target }: Job, partition: number, before: number): AppendFile | undefined {
  if (target === 'caller') return undefined
  if ('file' in target) return new AppendFile(target.file, before)
  return new AppendFile(join(target.folder, `part-${String(partition).padStart(5, '0')}`), 'w')
}

/** Takes what comes next from a source, and goes on behind it. Tells whether something is left. */
type Taker = (source: Source) => boolean

async function takeAll(source: Source, take: Taker, signal: AbortSignal): Promise<void> {
  let isLeft = source.next()
  for (let count = 1; isLeft; count += 1) {
    isLeft = take(source)
    if (count % together > 0) continue
    await setImmediate()
    signal.throwIfAborted()
  }
}

/** What makes results of groups, or of pairs if there is no reduce, and gives them to the region. */
function takerOf<Record, K, V, R>(
  definition: Definition<Record, K, V, R>,
  { target }: Job,
  region: Region,
): Taker {
  const { key, value, reduce, output } = definition
  const result = resultCodecOf(definition)
  const addSlice = ({ bytes, start, end }: Slice): void => region.addBytes(bytes, start, end)
  const write = (part: string | Slice): void =>
    addSlice(typeof part === 'string' ? Slice.of(Buffer.from(part)) : part)
  const put = (at: Slice, own: R): void => {
    if (target === 'caller') region.addPair(at, result.encode(own))
    else if (output !== undefined) called('output', at, () => output(key.decode(at), own, write))
    else [at, result.encode(own)].forEach(addSlice)
  }
  if (reduce !== undefined)
    return (source) => {
      const group = new Group(source, value)
      const own = called('reduce', group.key, () => reduce(key.decode(group.key), group))
      if (own !== undefined) put(group.key, own)
      return group.end()
    }
  // Each value is a result, and travels as it is.
  const putPair = (pair: Pair): void => {
    if (target === 'caller') region.addPair(pair.key, pair.value)
    else if (output === undefined) region.addBytes(pair.bytes, pair.start, pair.end)
    else put(pair.key, result.decode(pair.value))
  }
  return (source) => {
    putPair(source.pair)
    return source.next()
  }
}

/** What a function of the job returns for a key. */
function called<T>(fn: 'reduce' | 'output', key: Slice, call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw FunctionProblem.of(fn, { key: key.toString() }, error)
  }
}

/** Lets the file have what is left; what the caller gets may stay in memory. */
async function resultsOf(
  { target, reduceBytes }: Job,
  region: Region,
  file: AppendFile,
): Promise<readonly Piece[]> {
  const { bytes: left, overflow } = region
  const bytes = left.length
  const isHeld = target === 'caller' && bytes <= reduceBytes
  const last = isHeld
    ? { held: Buffer.from(left), bytes }
    : { file: file.path, at: await file.write([left]), bytes }
  return target === 'caller' ? [...overflow, last] : []
}
