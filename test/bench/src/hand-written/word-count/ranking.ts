import { entriesOf } from './block.js'

/** What was counted. */
export interface Ranking {
  readonly total: number
  readonly distinct: number
  /** The most frequent words and their counts; of equally frequent ones the bytewise smaller first. */
  readonly top: readonly (readonly [word: string, count: number])[]
}

interface Counted {
  readonly word: Buffer
  readonly count: number
}

/** Ranks the words of blocks that have none in common. */
export function rank(blocks: readonly Uint8Array[], length: number): Ranking {
  const leaders = new Leaders(length)
  let total = 0
  let distinct = 0
  for (const block of blocks)
    for (const { start, end, count } of entriesOf(block)) {
      total += count
      distinct += 1
      leaders.offer(block, start, end, count)
    }
  return { total, distinct, top: leaders.list().map(({ word, count }) => [word.toString(), count]) }
}

/** Keeps the best `length` of the words that it is offered, and at most twice as many, and some, on the way. */
class Leaders {
  readonly #words: Counted[] = []
  /** The last of the best when they were last sorted: no other word can be ahead of the best unless it is ahead of this one. */
  #last: Counted | undefined

  constructor(readonly length: number) {}

  offer(block: Uint8Array, start: number, end: number, count: number): void {
    if (this.#last !== undefined && !isAhead(this.#last, block, start, end, count)) return
    this.#words.push({ word: Buffer.from(block.subarray(start, end)), count })
    if (this.#words.length >= 2 * this.length + 1_000) this.#choose()
  }

  list(): readonly Counted[] {
    this.#choose()
    return this.#words
  }

  #choose(): void {
    this.#words.sort((a, b) => b.count - a.count || Buffer.compare(a.word, b.word))
    if (this.#words.length < this.length) return
    this.#words.length = this.length
    this.#last = this.#words.at(-1)
  }
}

/** Whether a word that lies in a block is ahead of `other`. */
function isAhead(other: Counted, block: Uint8Array, start: number, end: number, count: number): boolean {
  return count === other.count ? other.word.compare(block, start, end) > 0 : count > other.count
}
