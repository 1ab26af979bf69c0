/** One counted key: it lies from `start` to `end` in the bytes that the entry speaks of. */
export interface Entry {
  readonly start: number
  readonly end: number
  readonly count: number
}

/**
 * Writes entries, whose keys lie in `keys`, as one block of bytes: what map and reduce hand on. Before each key stand its
 * count and its length as LEB128 numbers, seven bits to a byte. Goes through the entries twice.
 */
export function encodeBlock(keys: Uint8Array, entries: Iterable<Entry>): Uint8Array {
  const block = new Uint8Array(encodedBytes(entries))
  let at = 0
  const write = (value: number): void => {
    for (; value >= 128; value = Math.floor(value / 128)) block[at++] = 128 + (value % 128)
    block[at++] = value
  }
  for (const { start, end, count } of entries) {
    write(count)
    write(end - start)
    for (let from = start; from < end; from += 1) block[at++] = keys[from] ?? 0
  }
  return block
}

/** Reads a block. The keys of the entries lie in the block itself. */
export function* entriesOf(block: Uint8Array): Generator<Entry, void, undefined> {
  let at = 0
  const read = (): number => {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = block[at++] ?? 0
      value += (byte % 128) * scale
      if (byte < 128) return value
    }
  }
  while (at < block.length) {
    const count = read()
    const length = read()
    at += length
    yield { start: at - length, end: at, count }
  }
}

function encodedBytes(entries: Iterable<Entry>): number {
  let bytes = 0
  for (const { start, end, count } of entries)
    bytes += numberBytes(count) + numberBytes(end - start) + end - start
  return bytes
}

function numberBytes(value: number): number {
  return value < 128 ? 1 : 1 + numberBytes(Math.floor(value / 128))
}
