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
  // Half of it, because to find the order of pairs takes as much again if they are small.
  const taskBytes = Math.min(
    mostTaskBytes,
    Math.floor(memoryBytes / (2 * tasksPerWorker * Math.max(1, workers))),
  )
  const partitionBytes = Math.min(goodPartitionBytes, taskBytes / 3)
  const { partitions = combine === undefined ? between(1, Math.ceil(total / partitionBytes), 512) : 8 } =
    options
  const most = combine === undefined ? taskBytes / 2 : Infinity
  const { chunkBytes = Math.max(1, total / mostTasks, Math.min(most, Math.max(2 ** 20, total / 64))) } =
    options
  const chunks = chunksOf(files, chunkBytes, size)
  if (chunks.length > mostTasks)
    throw configError(
      'options.chunkBytes',
      `must be at least ${Math.ceil(total / mostTasks)} for ${total} bytes`,
    )
  const [mapBytes, reduceBytes] = [chunks.length, partitions].map((tasks) =>
    Math.floor(memoryBytes / 8 / tasks),
  )
  const skipsUnreadable = options.unreadable === 'skip'
  return {
    job: {
      folder,
      target,
      partitions,
      taskBytes,
      mapBytes: mapBytes!,
      reduceBytes: reduceBytes!,
      skipsUnreadable,
    },
    chunks,
  }
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
