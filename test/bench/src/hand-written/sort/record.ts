/** A record is so many bytes; a line of text if it ends with a newline, but nothing depends on that. */
export const recordBytes = 100
/** Records are ordered by their first bytes, as unsigned numbers. Records with equal keys stay in their order. */
export const keyBytes = 10
/** A record as 32-bit words, which is how records are moved: four times as fast as byte by byte. */
const recordWords = recordBytes / 4

/** Bytes that begin at a multiple of four in their buffer, also as words. */
export interface Records {
  readonly bytes: Uint8Array
  readonly words: Uint32Array
}

/** Room for so many records. It holds whatever the memory held before. */
export function roomFor(count: number): Records {
  const { buffer, byteOffset } = Buffer.allocUnsafeSlow(count * recordBytes)
  return {
    bytes: new Uint8Array(buffer, byteOffset, count * recordBytes),
    words: new Uint32Array(buffer, byteOffset, count * recordWords),
  }
}

/** A part of some room, by numbers of records. */
export function partOf({ bytes, words }: Records, from: number, count: number): Records {
  return {
    bytes: bytes.subarray(from * recordBytes, (from + count) * recordBytes),
    words: words.subarray(from * recordWords, (from + count) * recordWords),
  }
}

/** Copies one record, both given by number. */
export function copyRecord(from: Uint32Array, source: number, to: Uint32Array, target: number): void {
  let read = source * recordWords
  let write = target * recordWords
  for (const end = read + recordWords; read < end; read += 1, write += 1) to[write] = from[read]!
}

/** Below, at or above zero as the key at `a` is less than, equal to or greater than the one at `b`; both are byte positions. */
export function compareKeys(left: Uint8Array, a: number, right: Uint8Array, b: number): number {
  for (let at = 0; at < keyBytes; at += 1) {
    const difference = left[a + at]! - right[b + at]!
    if (difference !== 0) return difference
  }
  return 0
}

/** The number of records in so many bytes. Throws if these are not whole records. */
export function recordsIn(bytes: number, what: string): number {
  if (bytes % recordBytes === 0) return bytes / recordBytes
  throw new Error(`${what} has ${bytes} bytes, which are not whole records of ${recordBytes}`)
}
