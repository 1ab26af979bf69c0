import { hashOf } from './hash.js'
import { Slice } from './slice.js'

/** What an entry needs besides its key, about. */
const entryBytes = 64

const fewKeyBytes = 16_384

/**
 * Combines the values of equal keys, and gives them away when it is full. A hash table whose keys lie one behind the other: a known key
 * allocates nothing.
 */
export class Table<V> {
  /** The number of an entry plus one, or 0 where a slot is free. A power of two in length, at most half of it taken. */
  #slots = new Int32Array(2_048)
  #hashes: number[] = []
  #values: V[] = []
  /** The key of an entry lies in `#keys` from its own offset to the next. */
  #offsets: number[] = [0]
  #keys: Buffer = Buffer.allocUnsafeSlow(fewKeyBytes)

  /** `combine` must not care in which order it is called. `take` is given all entries when they take `mostBytes`, about. */
  constructor(
    private readonly combine: (one: V, other: V) => V,
    private readonly take: (key: Slice, value: V) => void,
    private readonly mostBytes: number,
  ) {}

  readonly add = ({ bytes, start, end }: Slice, value: V): void => {
    const hash = hashOf(bytes, start, end)
    const mask = this.#slots.length - 1
    let slot = hash & mask
    for (let taken = this.#slots[slot]!; taken !== 0; taken = this.#slots[slot]!) {
      const entry = taken - 1
      if (this.#hashes[entry] === hash && this.#holds(entry, bytes, start, end)) {
        this.#values[entry] = this.combine(this.#values[entry]!, value)
        return
      }
      slot = (slot + 1) & mask
    }
    this.#hashes.push(hash)
    this.#values.push(value)
    this.#copyKey(bytes, start, end)
    this.#slots[slot] = this.#hashes.length
    if (this.#hashes.length * 2 > this.#slots.length) this.#spread()
    if (this.#keys.length + this.#values.length * entryBytes > this.mostBytes) this.drain()
  }

  /** Gives away all entries. */
  drain(): void {
    const keys = this.#keys
    this.#values.forEach((value, entry) =>
      this.take(new Slice(keys, this.#offsets[entry]!, this.#offsets[entry + 1]!), value),
    )
    // A long key may have made it as large as the table may be.
    if (keys.length > this.mostBytes / 2) this.#keys = Buffer.allocUnsafeSlow(fewKeyBytes)
    this.#slots.fill(0)
    this.#hashes = []
    this.#values = []
    this.#offsets = [0]
  }

  #holds(entry: number, bytes: Buffer, start: number, end: number): boolean {
    const keys = this.#keys
    let own = this.#offsets[entry]!
    if (this.#offsets[entry + 1]! - own !== end - start) return false
    for (let at = start; at < end; at += 1, own += 1) if (keys[own] !== bytes[at]) return false
    return true
  }

  #copyKey(bytes: Buffer, start: number, end: number): void {
    const from = this.#offsets.at(-1)!
    const to = from + end - start
    if (to > this.#keys.length) {
      const roomy = Buffer.allocUnsafeSlow(Math.max(to, this.#keys.length * 2))
      this.#keys.copy(roomy)
      this.#keys = roomy
    }
    for (let at = start, own = from; at < end; at += 1, own += 1) this.#keys[own] = bytes[at]!
    this.#offsets.push(to)
  }

  #spread(): void {
    const slots = new Int32Array(this.#slots.length * 2)
    const mask = slots.length - 1
    this.#hashes.forEach((hash, entry) => {
      let slot = hash & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = entry + 1
    })
    this.#slots = slots
  }
}
