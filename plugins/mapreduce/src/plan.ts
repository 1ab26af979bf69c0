import { chunksOf, type InputFile, InputProblem } from '@stigmergy/records'
import { mostTasks, type Request, tasksPerWorker } from './app.js'
import type { Definition } from './definition.js'
import { configError } from './errors.js'
import type { Target } from './job.js'
import type { CheckedOptions } from './options.js'

/** More does not make a task faster. */
const mostTaskBytes = 64 * 2 ** 20
/** A sorted partition of this size, and its order, stay near the processor. */
const goodPartitionBytes = 4 * 2 ** 20
const leastChunkBytes = 2 ** 20

/** Where a run works, and with how many workers. */
export interface Place {
  readonly folder: string
  readonly target: Target
  readonly workers: number
}

/** Divides a run into tasks that fit into memory. */
export function requestFor<Record, K, V, R>(
  { input: { size }, combine }: Definition<Record, K, V, R>,
  files: readonly InputFile[],
  options: CheckedOptions,
  { folder, target, workers }: Place,
): Request {
  const total = bytesOf(files, size)
  const { memoryBytes } = options
  const tasksAtATime = tasksPerWorker * Math.max(1, workers)
  // Half of the memory, because finding the order of small pairs takes as much again.
  const taskBytes = Math.min(mostTaskBytes, Math.floor(memoryBytes / 2 / tasksAtATime))
  // Combined pairs are few, and the fewer the larger the chunks are; others should fit into memory.
  const [defaultPartitions, defaultChunk] =
    combine === undefined
      ? [
          between(1, total / Math.min(goodPartitionBytes, taskBytes / 3), 512),
          Math.min(taskBytes / 2, total / 64),
        ]
      : [between(1, total / leastChunkBytes / 2, 32), total / 8 / tasksAtATime]
  const partitions = options.partitions ?? Math.ceil(defaultPartitions)
  const leastChunk = Math.min(leastChunkBytes, taskBytes / 2)
  const chunks = chunksOf(
    files,
    options.chunkBytes ?? Math.max(leastChunk, defaultChunk, total / mostTasks),
    size,
  )
  if (chunks.length > mostTasks)
    throw configError(
      'options.chunkBytes',
      `must be at least ${Math.ceil(total / mostTasks)} for ${total} bytes`,
    )
  const waitingBytes = memoryBytes / 8
  const [mapBytes, reduceBytes] = [waitingBytes / chunks.length, waitingBytes / partitions]
  const skipsUnreadable = options.unreadable === 'skip'
  return { job: { folder, target, partitions, taskBytes, mapBytes, reduceBytes, skipsUnreadable }, chunks }
}

function bytesOf(files: readonly InputFile[], recordBytes: number): number {
  for (const { file, bytes } of files)
    if (bytes % recordBytes !== 0)
      throw new InputProblem(file, `it has ${bytes} bytes, which are not whole records of ${recordBytes}`)
  return files.reduce((sum, { bytes }) => sum + bytes, 0)
}

function between(least: number, value: number, most: number): number {
  return Math.max(least, Math.min(most, value))
}
