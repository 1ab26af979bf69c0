import type { Slice } from '@stigmergy/mapreduce'

/** What was counted. */
export interface Ranking {
  readonly total: number
  readonly distinct: number
  /** The most frequent words and their counts; of equally frequent ones the bytewise smaller first. */
  readonly top: readonly (readonly [word: string, count: number])[]
}

interface Counted {
  readonly word: Slice
  readonly count: number
}

/** Ranks words. Keeps the best `length`, and at most twice as many, and some, on the way. */
export class Ranker {
  #total = 0
  #distinct = 0
  readonly #words: Counted[] = []
  /** The last of the best when they were last sorted: no other word can be among the best unless it is ahead of this one. */
  #last: Counted | undefined

  constructor(readonly length: number) {}

  /** Takes a word that it has not had before. */
  add(word: Slice, count: number): void {
    this.#total += count
    this.#distinct += 1
    if (this.#last !== undefined && inOrder(this.#last, { word, count }) < 0) return
    this.#words.push({ word: word.copy(), count })
    if (this.#words.length >= 2 * this.length + 1_000) this.#choose()
  }

  ranking(): Ranking {
    this.#choose()
    const top = this.#words.map(({ word, count }) => [word.toString(), count] as const)
    return { total: this.#total, distinct: this.#distinct, top }
  }

  #choose(): void {
    this.#words.sort(inOrder)
    if (this.#words.length < this.length) return
    this.#words.length = this.length
    this.#last = this.#words.at(-1)
  }
}

function inOrder(one: Counted, other: Counted): number {
  return other.count - one.count || one.word.compare(other.word)
}
