import type { Ranges } from './ranges.js'
import { copyRecord, recordBytes, type Records } from './record.js'

/**
 * Copies records to `to` so that those of one range lie together, in their old order, and the ranges one behind the other.
 * Returns where each range begins, as a number of records, and at last where the last one ends.
 */
export function partition(from: Records, ranges: Ranges, to: Records): Uint32Array {
  const count = from.bytes.length / recordBytes
  const rangeOf = new Uint16Array(count)
  const starts = new Uint32Array(ranges.count + 1)
  for (let record = 0; record < count; record += 1) {
    const range = ranges.of(from.bytes, record * recordBytes)
    rangeOf[record] = range
    starts[range + 1]! += 1
  }
  for (let range = 0; range < ranges.count; range += 1) starts[range + 1]! += starts[range]!
  const next = starts.slice()
  for (let record = 0; record < count; record += 1) {
    const range = rangeOf[record]!
    const target = next[range]!
    next[range] = target + 1
    copyRecord(from.words, record, to.words, target)
  }
  return starts
}
