import { keyBytes, recordBytes } from '../src/record.js'

/** Records with these keys, in this order, each with its number behind the key. */
export function recordsWith(keys: readonly string[]): Buffer {
  return Buffer.from(
    keys.map((key, index) => `${key.padEnd(keyBytes, '!')} ${index}`.padEnd(recordBytes - 1) + '\n').join(''),
    'latin1',
  )
}

/** What sorting must give: records compared one by one, in the way that Array does, which keeps equal ones in their order. */
export function referenceSorted(bytes: Uint8Array): Buffer {
  const records = Array.from({ length: bytes.length / recordBytes }, (_, index) =>
    Buffer.from(bytes.subarray(index * recordBytes, (index + 1) * recordBytes)),
  )
  records.sort((a, b) => a.compare(b, 0, keyBytes, 0, keyBytes))
  return Buffer.concat(records)
}
