import type { Desk } from './desk.js'
import { readAt, withFile, writeAt } from './files.js'
import type { Deal, Job } from './job.js'
import { partition } from './partition.js'
import type { Ranges } from './ranges.js'
import { partOf, recordBytes } from './record.js'

/** The records of the chunk that begins at a record. */
export function chunkLength({ records, plan }: Job, from: number): number {
  return Math.min(plan.chunkRecords, records - from)
}

/** Writes a chunk of the input to its place in the spill file, by ranges, and returns where each of them begins in it. */
export async function dealChunk(desk: Desk, job: Job, from: number, ranges: Ranges): Promise<Uint32Array> {
  const count = chunkLength(job, from)
  const read = partOf(desk.roomToRead(count), 0, count)
  const dealt = partOf(desk.roomToWrite(count), 0, count)
  await withFile(job.input, 'r', (file) => readAt(file, read.bytes, from * recordBytes))
  const starts = partition(read, ranges, dealt)
  await withFile(job.spill, 'r+', (file) => writeAt(file, dealt.bytes, from * recordBytes))
  return starts
}

/** Divides what a map task has found into deals of so many ranges. */
export function* dealsOf(job: Job, from: number, starts: Uint32Array, ranges: number): Generator<Deal> {
  const end = starts.length - 1
  for (let firstRange = 0; firstRange < end; firstRange += ranges)
    yield { job, from, firstRange, starts: Array.from(starts.subarray(firstRange, firstRange + ranges + 1)) }
}
