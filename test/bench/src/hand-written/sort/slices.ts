import type { FileHandle } from 'node:fs/promises'
import type { Desk } from './desk.js'
import { readAt, writeAt } from './files.js'
import { copyRecord, partOf, recordBytes, type Records } from './record.js'

/** A part of a file, in records. */
export interface Slice {
  readonly from: number
  readonly count: number
}

/** Where records are written to: from a record of a file. */
export interface Place {
  readonly file: FileHandle
  readonly at: number
}

/** How many records slices have together. */
export function recordsOf(slices: readonly Slice[]): number {
  return slices.reduce((sum, { count }) => sum + count, 0)
}

/** Reads slices of a file, one behind the other, sorts the records and writes them to a place. */
export async function sortSlices(
  desk: Desk,
  source: FileHandle,
  slices: readonly Slice[],
  { file, at }: Place,
): Promise<void> {
  const count = recordsOf(slices)
  const read = desk.roomToRead(count)
  await readSlices(source, slices, read)
  const written = desk.roomToWrite(count)
  permute(read, desk.sorter.order(read, count), written)
  await writeAt(file, partOf(written, 0, count).bytes, at * recordBytes)
}

async function readSlices(source: FileHandle, slices: readonly Slice[], room: Records): Promise<void> {
  let at = 0
  for (const { from, count } of slices) {
    await readAt(source, partOf(room, at, count).bytes, from * recordBytes)
    at += count
  }
}

function permute(from: Records, order: Uint32Array, to: Records): void {
  for (let target = 0; target < order.length; target += 1)
    copyRecord(from.words, order[target]!, to.words, target)
}
