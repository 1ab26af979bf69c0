import type { FileHandle } from 'node:fs/promises'
import { rm } from 'node:fs/promises'
import type { Desk } from './desk.js'
import { withFile, writeAt } from './files.js'
import { copyRecord, partOf, recordBytes, type Records } from './record.js'
import { Run, RunHeap } from './run.js'
import { type Place, recordsOf, type Slice, sortSlices } from './slices.js'

/** Where runs are kept, and how many records may be held at a time. */
export interface RunStore {
  readonly path: string
  readonly records: number
}

/**
 * Does the same as `sortSlices` where there are too many records to hold: sorts as many as can be held into runs, and merges these.
 * It takes a range that is much fuller than the others, as when most records have the same key.
 */
export async function sortLarge(
  desk: Desk,
  source: FileHandle,
  slices: readonly Slice[],
  target: Place,
  store: RunStore,
): Promise<void> {
  try {
    await withFile(store.path, 'w+', async (runs) => {
      const lengths: number[] = []
      let at = 0
      for (const part of runsOf(slices, store.records)) {
        await sortSlices(desk, source, part, { file: runs, at })
        lengths.push(recordsOf(part))
        at += recordsOf(part)
      }
      await mergeRuns(desk, runs, lengths, target)
    })
  } finally {
    await rm(store.path, { force: true })
  }
}

/** Divides slices into parts of `records` at most, in order. */
function* runsOf(slices: readonly Slice[], records: number): Generator<readonly Slice[]> {
  let part: Slice[] = []
  let room = records
  for (let { from, count } of slices) {
    while (count > 0) {
      const taken = Math.min(room, count)
      part.push({ from, count: taken })
      from += taken
      count -= taken
      room -= taken
      if (room > 0) continue
      yield part
      part = []
      room = records
    }
  }
  if (part.length > 0) yield part
}

/** Merges runs that stand one behind the other. Of equal records those of earlier runs come first. */
async function mergeRuns(
  desk: Desk,
  file: FileHandle,
  lengths: readonly number[],
  target: Place,
): Promise<void> {
  const each = Math.max(1, Math.floor(Math.max(...lengths) / lengths.length))
  const held = desk.roomToRead(each * lengths.length)
  const runs: Run[] = []
  let from = 0
  for (const [number, length] of lengths.entries()) {
    runs.push(new Run(number, file, { from, count: length }, partOf(held, number * each, each)))
    from += length
  }
  for (const run of runs) await run.fill()
  await writeMerged(new RunHeap(runs), partOf(desk.roomToWrite(each), 0, each), target)
}

/** Writes what the heap has, as many records at a time as there is room for. */
async function writeMerged(heap: RunHeap, room: Records, target: Place): Promise<void> {
  const most = room.bytes.length / recordBytes
  let count = 0
  let { at } = target
  const write = async (): Promise<void> => {
    await writeAt(target.file, partOf(room, 0, count).bytes, at * recordBytes)
    at += count
    count = 0
  }
  for (let run = heap.first; run !== undefined; run = heap.first) {
    copyRecord(run.room.words, run.at, room.words, count)
    count += 1
    if (count === most) await write()
    if (run.advance() || (await run.fill())) heap.sink()
    else heap.drop()
  }
  await write()
}
