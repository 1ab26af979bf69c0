import { rawOf } from '@stigmergy/core'
import type { Block } from './arena.js'
import { Entry } from './entry.js'
import type { OwnValues } from './own-values.js'
import type { Views } from './views.js'

/** Room that somebody fills, and that no value has taken over yet. */
interface Allocation {
  readonly block: Block
  readonly bytes: number
  readonly buffer: WeakRef<ArrayBuffer>
}

/** Arrays in segments of this window, for values that are to be written only once. */
export class Allocations {
  readonly #byBuffer = new WeakMap<object, Allocation>()
  /** Those whose bytes were neither put nor collected. */
  readonly #open = new Set<Allocation>()
  readonly #collected: FinalizationRegistry<Allocation>

  constructor(
    private readonly own: OwnValues,
    private readonly views: Views,
    onRoom: () => void,
  ) {
    this.#collected = new FinalizationRegistry((allocation) => {
      if (!this.#open.delete(allocation)) return
      own.giveBlock(allocation.block)
      own.give(allocation.bytes)
      onRoom()
    })
  }

  /** Zeros; undefined when there is no room. */
  make(bytes: number): Uint8Array | undefined {
    if (!this.own.take(bytes)) return undefined
    const block = this.own.takeBlock(bytes)
    if (block !== undefined) return this.#arrayIn(block, bytes)
    this.own.give(bytes)
    return undefined
  }

  /** The entry of a value that is all the bytes of one of these; undefined for all others, also when it was put before. */
  adopt(store: object, value: unknown): Entry | undefined {
    const raw = this.#open.size > 0 ? rawOf(value) : undefined
    if (raw === undefined) return undefined
    const { buffer, length } = raw.bytes
    const allocation = this.#byBuffer.get(buffer)
    if (allocation?.bytes !== length || !this.#open.delete(allocation)) return undefined
    this.#collected.unregister(allocation)
    const entry = new Entry(store, length, value)
    this.views.add(entry, buffer as ArrayBuffer)
    return Object.assign(entry, { kind: raw.kind, length, block: allocation.block })
  }

  /** Takes all arrays away. */
  close(): void {
    for (const { buffer, block } of this.#open) {
      const left = buffer.deref()
      if (left !== undefined) block.home.segment.takeBack(left, block.extent.offset)
    }
    this.#open.clear()
  }

  #arrayIn(block: Block, bytes: number): Uint8Array {
    const { extent, home } = block
    const buffer = home.segment.view(extent.offset, bytes)
    const array = new Uint8Array(buffer)
    array.fill(0, 0, Math.min(bytes, extent.usedBytes))
    const allocation = { block, bytes, buffer: new WeakRef(buffer) }
    this.#byBuffer.set(buffer, allocation)
    this.#open.add(allocation)
    // The buffer, and not the array: parts of the array may be in use when the array is not.
    this.#collected.register(buffer, allocation, allocation)
    return array
  }
}
