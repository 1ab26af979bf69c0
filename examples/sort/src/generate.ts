import { withFile, writeAt } from './files.js'
import { writeRandomRecords } from './random-records.js'
import { partOf, recordBytes, roomFor } from './record.js'

const together = 40_000

/** Writes a file of so many random records; the same seed gives the same file. */
export async function generate(path: string, records: number, seed: number): Promise<void> {
  const room = roomFor(Math.min(together, records))
  await withFile(path, 'w', async (file) => {
    for (let first = 0; first < records; first += together) {
      const part = partOf(room, 0, Math.min(together, records - first))
      writeRandomRecords(part, first, seed)
      await writeAt(file, part.bytes, first * recordBytes)
    }
  })
}
