import { encodeBlock, entriesOf, type Entry } from './block.js'

/**
 * Counts byte strings. A hash table with open addressing whose keys lie one behind the other in one buffer: counting a
 * known key allocates nothing, and a million keys are a handful of arrays.
 */
export class ByteTable {
  /** The number of an entry plus one, or 0 where a slot is free. A power of two in length, at most half of it taken. */
  #slots = new Int32Array(2_048)
  readonly #hashes: number[] = []
  readonly #counts: number[] = []
  /** The key of an entry lies in `#keys` from its own offset to the next. */
  readonly #offsets: number[] = [0]
  #keys: Buffer = Buffer.allocUnsafe(16_384)

  /** Adds `by` to the count of the key that lies in `bytes` from `start` to `end`. */
  add(bytes: Uint8Array, start: number, end: number, by: number): void {
    const hash = hashOf(bytes, start, end)
    const mask = this.#slots.length - 1
    let slot = hash & mask
    for (let taken = this.#slots[slot]; taken; taken = this.#slots[slot]) {
      const entry = taken - 1
      if (this.#hashes[entry] === hash && this.#holds(entry, bytes, start, end)) {
        this.#counts[entry] = (this.#counts[entry] ?? 0) + by
        return
      }
      slot = (slot + 1) & mask
    }
    this.#append(hash, by)
    this.#copyKey(bytes, start, end)
    this.#slots[slot] = this.#hashes.length
    if (this.#hashes.length * 2 > this.#slots.length) this.#spread()
  }

  /** Adds the counts of a block. */
  addBlock(block: Uint8Array): void {
    for (const { start, end, count } of entriesOf(block)) this.add(block, start, end, count)
  }

  /** Calls `visit` for each key, which it may neither keep nor change. */
  forEach(visit: (key: Buffer, count: number) => void): void {
    for (const { start, end, count } of this.#entries(this.#counts.keys()))
      visit(this.#keys.subarray(start, end), count)
  }

  /** All counts as one block. */
  block(): Uint8Array {
    return this.#encode(() => this.#counts.keys())
  }

  /** All counts as `amount` blocks, dealt out by hash: from every table, a key goes to the block of the same place. */
  blocks(amount: number): readonly Uint8Array[] {
    const dealt = Array.from({ length: amount }, (): number[] => [])
    this.#hashes.forEach((hash, entry) => dealt[placeOf(hash, amount)]?.push(entry))
    return dealt.map((entries) => this.#encode(() => entries))
  }

  #encode(entries: () => Iterable<number>): Uint8Array {
    return encodeBlock(this.#keys, { [Symbol.iterator]: () => this.#entries(entries()) })
  }

  *#entries(entries: Iterable<number>): Generator<Entry, void, undefined> {
    for (const entry of entries) {
      const [start, end] = [this.#offsets[entry] ?? 0, this.#offsets[entry + 1] ?? 0]
      yield { start, end, count: this.#counts[entry] ?? 0 }
    }
  }

  #holds(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    const keys = this.#keys
    let own = this.#offsets[entry] ?? 0
    if ((this.#offsets[entry + 1] ?? 0) - own !== end - start) return false
    for (let at = start; at < end; at += 1, own += 1) if (keys[own] !== bytes[at]) return false
    return true
  }

  #append(hash: number, count: number): void {
    this.#hashes.push(hash)
    this.#counts.push(count)
  }

  #copyKey(bytes: Uint8Array, start: number, end: number): void {
    const from = this.#offsets.at(-1) ?? 0
    const to = from + end - start
    if (to > this.#keys.length) this.#keys = withRoom(this.#keys, to)
    for (let at = start, own = from; at < end; at += 1, own += 1) this.#keys[own] = bytes[at] ?? 0
    this.#offsets.push(to)
  }

  #spread(): void {
    const slots = new Int32Array(this.#slots.length * 2)
    const mask = slots.length - 1
    this.#hashes.forEach((hash, entry) => {
      let slot = hash & mask
      while (slots[slot]) slot = (slot + 1) & mask
      slots[slot] = entry + 1
    })
    this.#slots = slots
  }
}

/** The offset basis and the prime of FNV-1a (Fowler, Noll and Vo), 32 bits. */
const basis = 0x811c9dc5
const prime = 0x01000193

/** FNV-1a, its bits mixed once more, since slots and blocks are chosen by a few of them. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = basis | 0
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), prime)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return hash ^ (hash >>> 13)
}

/** One of `amount` places. It depends on all bits of the hash, so that the keys of one place still fill the slots of a table evenly. */
function placeOf(hash: number, amount: number): number {
  return (Math.imul(hash, 0x9e3779b1) >>> 16) % amount
}

function withRoom(bytes: Buffer, length: number): Buffer {
  const roomy = Buffer.allocUnsafe(Math.max(length, bytes.length * 2))
  bytes.copy(roomy)
  return roomy
}
