import { recordBytes } from './record.js'

/** How a sort is divided into tasks. */
export interface Plan {
  /** Records of one chunk of the input, the work of a map task; also the most that a reduce task holds at a time. */
  readonly chunkRecords: number
  /** How many ranges of keys there should be, each the work of a reduce task. */
  readonly ranges: number
}

/** Tasks that a worker has at a time, so that one computes while the other reads or writes. */
export const tasksPerWorker = 2
/** What a record needs: it is held twice, and to find its order takes 18 bytes. */
const workingBytes = 2 * recordBytes + 18
/** More than this does not make a chunk faster. */
const largestChunk = 320_000
/** Records of a range, and its order, fit into the cache next to the processor. */
const rangeRecords = 40_000
/** Every map task has a part in every range: more of them would be too small to read. */
const mostRanges = 512

/** What a worker needs to run at all, and so does the thread that starts others. */
const idleBytes = 60e6

/** Divides `records` so that all workers together use about `memoryBytes`; if that is hardly what they need to run, a quarter more. */
export function planOf(records: number, memoryBytes: number, workers: number): Plan {
  const idle = idleBytes * (workers === 1 ? 1 : workers + 1)
  const forRecords = Math.max(memoryBytes / 4, memoryBytes - idle)
  const atATime = Math.floor(forRecords / (workers * tasksPerWorker * workingBytes))
  const chunkRecords = Math.max(1, Math.min(largestChunk, atATime))
  // Half a chunk, because ranges are not equally full.
  const wanted = Math.ceil(records / Math.min(rangeRecords, Math.ceil(chunkRecords / 2)))
  return { chunkRecords, ranges: Math.max(1, Math.min(mostRanges, wanted)) }
}
