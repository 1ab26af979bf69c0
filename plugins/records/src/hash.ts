/** The offset basis and the prime of FNV-1a (Fowler, Noll and Vo), 32 bits. */
const basis = 0x811c9dc5
const prime = 0x01000193

/** FNV-1a, its bits mixed once more, since slots and partitions are chosen by a few of them. */
export function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = basis | 0
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ bytes[at]!, prime)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return hash ^ (hash >>> 13)
}
