import { stat } from 'node:fs/promises'
import { readAt, withFile } from './files.js'
import { compareKeys, partOf, recordBytes, recordsIn, recordWords, type Records, roomFor } from './record.js'

const together = 40_000

/** What a file of records has in it, in whatever order, and whether it is in the right one. */
interface Content {
  readonly records: number
  /** The sum of the hashes of all records: the same in any order. */
  readonly sum: bigint
  /** The first record whose key is below that of the one before; undefined if there is none. */
  readonly unsorted: number | undefined
}

/** Throws unless `output` has the records of `input`, in ascending order of their keys. */
export async function check(input: string, output: string): Promise<void> {
  const [before, after] = [await contentOf(input), await contentOf(output)]
  if (after.unsorted !== undefined)
    throw new Error(`${output}: record ${after.unsorted} is lower than the one before it`)
  if (after.records !== before.records || after.sum !== before.sum)
    throw new Error(`${output}: these are not the ${before.records} records of ${input}`)
}

async function contentOf(path: string): Promise<Content> {
  const records = recordsIn((await stat(path)).size, path)
  const reader = new ContentReader()
  await withFile(path, 'r', async (file) => {
    // One more in front: the last record of the part before.
    const room = roomFor(together + 1)
    for (let from = 0; from < records; from += together) {
      const count = Math.min(together, records - from)
      if (from > 0) room.bytes.copyWithin(0, together * recordBytes)
      await readAt(file, partOf(room, 1, count).bytes, from * recordBytes)
      reader.add(room, count, from)
    }
  })
  return { records, sum: reader.sum, unsorted: reader.unsorted }
}

class ContentReader {
  sum = 0n
  unsorted: number | undefined

  /** Takes records 1 to `count` of the room, which are those from `first` of the file; record 0 is the one before. */
  add({ bytes, words }: Records, count: number, first: number): void {
    let low = 0
    let high = 0
    for (let record = 1; record <= count; record += 1) {
      const at = record * recordBytes
      if (first + record > 1 && compareKeys(bytes, at - recordBytes, bytes, at) > 0)
        this.unsorted ??= first + record - 1
      const hash = hashOf(words, record * recordWords)
      low += hash
      high += Math.imul(hash, 0x9e3779b1) >>> 0
    }
    this.sum = BigInt.asUintN(64, this.sum + BigInt(low) + (BigInt(high) << 32n))
  }
}

/** Of all words of a record and their places. */
function hashOf(words: Uint32Array, from: number): number {
  let hash = 0
  for (let at = from; at < from + recordWords; at += 1) {
    hash = Math.imul(hash ^ words[at]!, 0x85ebca6b)
    hash ^= hash >>> 15
  }
  return hash >>> 0
}
