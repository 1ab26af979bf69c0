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

  get(seq: number): ObjectRef | undefined {
    return this.#size > 0 ? this.#objects[this.#find(seq)] : undefined
  }

  add(object: ObjectRef): void {
    this.#size += 1
    const last = this.#seqs.length - 1
    if (last >= 0 && this.#seqs[last]! > object.seq) return this.#insert(object)
    this.#seqs.push(object.seq)
    this.#objects.push(object)
  }

  /** The object, which is held no longer; undefined when it was not there. */
  take(seq: number): ObjectRef | undefined {
    const at = this.#size === 0 ? -1 : this.#find(seq)
    const object = this.#objects[at]
    if (object === undefined) return undefined
    this.#objects[at] = undefined
    this.#size -= 1
    if (this.#size === 0) this.clear()
    else this.#closeGaps()
    return object
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

  /** Seldom: a listener that puts while an object is being handed to triggers has its own object held first. */
  #insert(object: ObjectRef): void {
    const newer = this.#seqs.findIndex((seq, at) => at >= this.#head && seq > object.seq)
    this.#seqs.splice(newer, 0, object.seq)
    this.#objects.splice(newer, 0, object)
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
