import { chunksOf, type InputFile } from '../input.js'
import { InputProblem } from '../problems.js'
import type { FileRange } from '../records.js'
import { sum } from '../sum.js'
import type { Definition } from './definition.js'

const mebibyte = 2 ** 20
/** With less, a task would cost more than its records do. */
const leastTaskBytes = mebibyte
/** More does not make a task faster. */
const mostTaskBytes = 64 * mebibyte
const leastChunkBytes = mebibyte
/** A sorted partition of this size, and its order, stay near the processor. */
const goodPartitionBytes = 4 * mebibyte
const mostPartitions = 512
/** What a chunk has for a partition should be worth a read: chunks and partitions both grow as memory shrinks. */
const leastPieceBytes = 4_096
/** So many combined pairs are one of these partitions' share. */
const combinedPartitionBytes = 2 * mebibyte
const mostCombinedPartitions = 32

/** As many as a plan may have. */
export const mostChunks = 100_000

/** What a plan may use, and what it is told to choose. */
export interface Limits {
  /** For all tasks at a time. Less than 2 MiB for each counts as that. */
  readonly memoryBytes: number
  readonly tasksAtATime: number
  /** By default, as many as it takes for one to fit into memory and into the cache of a processor. */
  readonly partitions?: number | undefined
  /** By default a 64th of the input, if that fits into memory. */
  readonly chunkBytes?: number | undefined
}

/** How large the parts of a job are. */
export interface Sizes {
  readonly partitions: number
  /** What a task may hold. */
  readonly taskBytes: number
  /** What a map task, and what a reduce task, may hand on in memory. */
  readonly mapBytes: number
  readonly reduceBytes: number
}

/** Sizes, and the input cut into chunks, the work of a map task each. */
export interface Plan {
  readonly sizes: Sizes
  readonly chunks: readonly (readonly FileRange[])[]
}

/** Divides the work on some files into tasks that fit into memory. Throws `InputProblem` for a file that is not of whole records. */
export function planOf<Record, K, V, R>(
  { input: { size }, combine }: Definition<Record, K, V, R>,
  files: readonly InputFile[],
  { tasksAtATime, ...limits }: Limits,
): Plan {
  const total = wholeBytesOf(files, size)
  const memoryBytes = Math.max(limits.memoryBytes, 2 * leastTaskBytes * tasksAtATime)
  // Half of the memory, because finding the order of small pairs takes as much again.
  const taskBytes = Math.min(mostTaskBytes, Math.floor(memoryBytes / 2 / tasksAtATime))
  // Combined pairs are few, and the fewer the larger the chunks are; others should fit into memory.
  const goodChunk = combine === undefined ? Math.min(taskBytes / 2, total / 64) : total / 8 / tasksAtATime
  const leastChunk = Math.max(Math.min(leastChunkBytes, taskBytes / 2), total / mostChunks)
  const chunkBytes = limits.chunkBytes ?? Math.max(leastChunk, goodChunk)
  const goodPartitions =
    combine === undefined
      ? Math.min(total / Math.min(goodPartitionBytes, taskBytes / 3), mostPartitions)
      : Math.min(total / combinedPartitionBytes, mostCombinedPartitions)
  const partitions =
    limits.partitions ?? Math.max(1, Math.ceil(Math.min(goodPartitions, chunkBytes / leastPieceBytes)))
  const chunks = chunksOf(files, chunkBytes, size)
  const waitingBytes = memoryBytes / 8
  const [mapBytes, reduceBytes] = [waitingBytes / chunks.length, waitingBytes / partitions]
  return { sizes: { partitions, taskBytes, mapBytes, reduceBytes }, chunks }
}

function wholeBytesOf(files: readonly InputFile[], recordBytes: number): number {
  for (const { file, bytes } of files)
    if (bytes % recordBytes !== 0)
      throw new InputProblem(file, `it has ${bytes} bytes, which are not whole records of ${recordBytes}`)
  return sum(files.map(({ bytes }) => bytes))
}
