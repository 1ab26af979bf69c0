import type { ObjectRef } from '../contract/index.js'

/** Places of objects that have gone are closed up when there are more of them than this, and than objects. */
const mostGaps = 32

/**
 * The objects that a partition holds, oldest first. They come in order of `seq`, so a sorted list does what a map would: adding
 * and taking the oldest or the newest cost O(1), any other O(log n), and a short list costs little memory.
 */
export class Pending {
  #seqs: number[] = []
  #objects: (ObjectRef | undefined)[] = []
  /** Index of the oldest. */
  #head = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  get oldest(): ObjectRef | undefined {
    return this.#objects[this.#head]
  }

  has(seq: number): boolean {
    return this.#size > 0 && this.#objects[this.#find(seq)] !== undefined
  }

  /** Adds an object that is newer than all. */
  add(object: ObjectRef): void {
    this.#seqs.push(object.seq)
    this.#objects.push(object)
    this.#size += 1
  }

  /** Whether the object was there. */
  delete(seq: number): boolean {
    const at = this.#size === 0 ? -1 : this.#find(seq)
    if (this.#objects[at] === undefined) return false
    this.#objects[at] = undefined
    this.#size -= 1
    if (this.#size === 0) this.clear()
    else this.#closeGaps()
    return true
  }

  clear(): void {
    this.#seqs = []
    this.#objects = []
    this.#head = 0
    this.#size = 0
  }

  /** By age. Objects may be deleted meanwhile. */
  *values(): IterableIterator<ObjectRef> {
    for (const object of this.#objects) if (object !== undefined) yield object
  }

  *keys(): IterableIterator<number> {
    for (const { seq } of this.values()) yield seq
  }

  /** Index of the place with this `seq`, which may be a gap; -1 when there is none. */
  #find(seq: number): number {
    const seqs = this.#seqs
    if (seqs[this.#head] === seq) return this.#head
    let low = this.#head
    let high = seqs.length - 1
    if (seqs[high] === seq) return high
    while (low <= high) {
      const middle = (low + high) >> 1
      const found = seqs[middle]!
      if (found === seq) return middle
      if (found < seq) low = middle + 1
      else high = middle - 1
    }
    return -1
  }

  #closeGaps(): void {
    while (this.#objects[this.#head] === undefined) this.#head += 1
    const gaps = this.#objects.length - this.#size
    if (gaps <= mostGaps || gaps <= this.#size) return
    this.#objects = this.#objects.filter((object) => object !== undefined)
    this.#seqs = this.#objects.map((object) => object!.seq)
    this.#head = 0
  }
}
