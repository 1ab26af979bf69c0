import type { FileHandle } from 'node:fs/promises'
import { readAt } from './files.js'
import { Sorter } from './order.js'
import { bordersOf } from './ranges.js'
import { partOf, recordBytes, roomFor } from './record.js'

/** Records that are looked at for each range: enough for most ranges to be within a quarter of their share. */
const perRange = 64
/** Neighbours that are read together. In a file that is sorted in part they say no more than one. */
const together = 4

/** Reads some records from all over a file, and returns the borders of about `ranges` ranges that are equally full. */
export async function sampleBorders(file: FileHandle, records: number, ranges: number): Promise<Uint8Array> {
  const places = Math.min(Math.ceil((ranges * perRange) / together), Math.floor(records / together))
  if (ranges < 2 || places === 0) return new Uint8Array(0)
  const sample = roomFor(places * together)
  for (let place = 0; place < places; place += 1) {
    const from = Math.floor((place * (records - together)) / places)
    await readAt(file, partOf(sample, place * together, together).bytes, from * recordBytes)
  }
  const order = new Sorter().order(sample, places * together)
  return bordersOf(sample, order, ranges)
}
