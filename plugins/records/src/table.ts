import { hashOf } from './hash.js'
import { Slice } from './slice.js'

/** What an entry needs besides its key, about. */
const entryBytes = 64

const fewKeyBytes = 16_384
/** A power of two. */
const fewSlots = 2_048

/**
 * Combines the values of equal keys, and gives them away when it is full. A hash table whose keys lie one behind the other: a known key
 * allocates nothing.
 */
export class Table<V> {
  /** For each slot the number of an entry plus one, or 0 where it is free, and the hash of the entry: what is looked at first lies together. */
  #slots = new Int32Array(2 * fewSlots)
  /** Of the number of slots, which is a power of two: at most half of them are taken. */
  #mask = fewSlots - 1
  #values: V[] = []
  /** The key of an entry lies in `#keys` from its own offset to the next. */
  #offsets = new Uint32Array(fewSlots / 2 + 1)
  #keys: Buffer = Buffer.allocUnsafeSlow(fewKeyBytes)

  /** `combine` must not care in which order it is called. `take` is given all entries when they take `mostBytes`, about. */
  constructor(
    private readonly combine: (one: V, other: V) => V,
    private readonly take: (key: Slice, value: V) => void,
    private readonly mostBytes: number,
  ) {}

  readonly add = ({ bytes, start, end }: Slice, value: V): void => {
    const hash = hashOf(bytes, start, end)
    const slots = this.#slots
    const mask = this.#mask
    let slot = hash & mask
    for (let taken = slots[2 * slot]!; taken !== 0; taken = slots[2 * slot]!) {
      const entry = taken - 1
      if (slots[2 * slot + 1] === hash && this.#holds(entry, bytes, start, end)) {
        this.#values[entry] = this.combine(this.#values[entry]!, value)
        return
      }
      slot = (slot + 1) & mask
    }
    this.#values.push(value)
    this.#copyKey(bytes, start, end)
    slots[2 * slot] = this.#values.length
    slots[2 * slot + 1] = hash
    if (this.#values.length * 2 > mask) this.#spread()
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
    this.#values = []
  }

  #holds(entry: number, bytes: Buffer, start: number, end: number): boolean {
    const keys = this.#keys
    let own = this.#offsets[entry]!
    if (this.#offsets[entry + 1]! - own !== end - start) return false
    for (let at = start; at < end; at += 1, own += 1) if (keys[own] !== bytes[at]) return false
    return true
  }

  /** Of the last entry. */
  #copyKey(bytes: Buffer, start: number, end: number): void {
    const entries = this.#values.length
    const from = this.#offsets[entries - 1]!
    const to = from + end - start
    if (to > this.#keys.length) {
      const roomy = Buffer.allocUnsafeSlow(Math.max(to, this.#keys.length * 2))
      this.#keys.copy(roomy, 0, 0, from)
      this.#keys = roomy
    }
    const keys = this.#keys
    for (let at = start, own = from; at < end; at += 1, own += 1) keys[own] = bytes[at]!
    this.#offsets[entries] = to
  }

  #spread(): void {
    const old = this.#slots
    const slots = new Int32Array(2 * old.length)
    const mask = old.length - 1
    for (let at = 0; at < old.length; at += 2) {
      if (old[at] === 0) continue
      let slot = old[at + 1]! & mask
      while (slots[2 * slot] !== 0) slot = (slot + 1) & mask
      slots[2 * slot] = old[at]!
      slots[2 * slot + 1] = old[at + 1]!
    }
    const offsets = new Uint32Array(old.length / 2 + 1)
    offsets.set(this.#offsets)
    this.#slots = slots
    this.#mask = mask
    this.#offsets = offsets
  }
}
