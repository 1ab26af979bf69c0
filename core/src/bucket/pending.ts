import type { ObjectRef } from '../contract/index.js'
import { appended } from './short-list.js'

/** Places of objects that have gone are closed up when there are more of them than this, and than objects. */
const mostGaps = 32

/**
 * The objects that a partition holds, oldest first. They come in order of `seq`, so a sorted list does what a map would: adding
 * and taking the oldest or the newest cost O(1), any other O(log n), and a short list costs little memory.
 */
export class Pending {
  /** In order of `seq`, which is all that is left of an object that has gone. */
  #places: (ObjectRef | number)[] = []
  /** Index of the oldest. */
  #head = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  get oldest(): ObjectRef | undefined {
    return this.#at(this.#head)
  }

  has(seq: number): boolean {
    return this.get(seq) !== undefined
  }

  get(seq: number): ObjectRef | undefined {
    return this.#size > 0 ? this.#at(this.#find(seq)) : undefined
  }

  add(object: ObjectRef): void {
    this.#size += 1
    const places = this.#places
    if (places.length > 0 && seqOf(places[places.length - 1]!) > object.seq) return this.#insert(object)
    this.#places = appended(places, object)
  }

  /** The object, which is held no longer; undefined when it was not there. */
  take(seq: number): ObjectRef | undefined {
    const at = this.#size === 0 ? -1 : this.#find(seq)
    const object = this.#places[at]
    if (typeof object !== 'object') return undefined
    this.#places[at] = seq
    this.#size -= 1
    if (this.#size === 0) this.clear()
    else this.#closeGaps()
    return object
  }

  clear(): void {
    this.#places = []
    this.#head = 0
    this.#size = 0
  }

  /** By age. Objects may be deleted meanwhile. */
  *values(): IterableIterator<ObjectRef> {
    for (const place of this.#places) if (typeof place === 'object') yield place
  }

  *keys(): IterableIterator<number> {
    for (const { seq } of this.values()) yield seq
  }

  #at(index: number): ObjectRef | undefined {
    const place = this.#places[index]
    return typeof place === 'object' ? place : undefined
  }

  /** Index of the place with this `seq`, which may be a gap; -1 when there is none. */
  #find(seq: number): number {
    const places = this.#places
    let low = this.#head
    let high = places.length - 1
    const newest = seqOf(places[high]!)
    if (seq >= newest) return seq === newest ? high : -1
    if (seqOf(places[low]!) === seq) return low
    while (low <= high) {
      const middle = (low + high) >> 1
      const found = seqOf(places[middle]!)
      if (found === seq) return middle
      if (found < seq) low = middle + 1
      else high = middle - 1
    }
    return -1
  }

  /** Seldom: a listener that puts while an object is being handed to triggers has its own object held first. */
  #insert(object: ObjectRef): void {
    const newer = this.#places.findIndex((place, at) => at >= this.#head && seqOf(place) > object.seq)
    this.#places.splice(newer, 0, object)
  }

  #closeGaps(): void {
    while (typeof this.#places[this.#head] === 'number') this.#head += 1
    const gaps = this.#places.length - this.#size
    if (gaps <= mostGaps || gaps <= this.#size) return
    this.#places = this.#places.filter((place) => typeof place === 'object')
    this.#head = 0
  }
}

function seqOf(place: ObjectRef | number): number {
  return typeof place === 'number' ? place : place.seq
}
