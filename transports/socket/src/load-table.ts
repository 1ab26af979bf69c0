import type { LoadTable, LoadWord } from '@stigmergy/core'
import type { Message } from './message.js'

const wordsPerMember = 16

/** Tells others words of this member: the numbers of a message of kind `Load`. */
export type TellWords = (numbers: readonly number[]) => void

/**
 * The words that this member knows: its own, and what others have told. The first change in a turn of the event loop is told at once, so that
 * it is out before what comes next can block the loop; what follows in the same turn waits for the next one.
 */
export class SocketLoadTable implements LoadTable {
  readonly #member: number
  readonly #words: Uint32Array
  readonly #tell: TellWords
  /** One bit per word of this member that is to be told. */
  #changed = 0
  #turn: NodeJS.Immediate | undefined

  constructor(member: number, members: number, tell: TellWords) {
    this.#member = member
    this.#words = new Uint32Array(members * wordsPerMember)
    this.#tell = tell
  }

  set(word: LoadWord, value: number): void {
    const at = this.#at(this.#member, word)
    if (this.#words[at] === value >>> 0) return
    this.#words[at] = value
    this.#changed |= 1 << word
    if (this.#turn === undefined) this.#tellChanged()
  }

  get(member: number, word: LoadWord): number {
    return this.#words[this.#at(member, word)] ?? 0
  }

  /** All words of this member, for one that has just joined. */
  get own(): readonly number[] {
    return this.#numbers(2 ** wordsPerMember - 1)
  }

  /** Takes over what another member has told. */
  hear(member: number, message: Message): void {
    const told = message.number(1)
    let next = 2
    for (let word = 0; word < wordsPerMember; word += 1)
      if ((told & (1 << word)) !== 0) {
        this.#words[this.#at(member, word)] = message.number(next)
        next += 1
      }
  }

  /** The place of a member is taken by another one. */
  clear(member: number): void {
    this.#words.fill(0, this.#at(member, 0), this.#at(member, 0) + wordsPerMember)
  }

  /** Tells nothing any more. */
  close(): void {
    clearImmediate(this.#turn)
  }

  #tellChanged(): void {
    this.#tell(this.#numbers(this.#changed))
    this.#changed = 0
    this.#turn = setImmediate(() => {
      this.#turn = undefined
      if (this.#changed !== 0) this.#tellChanged()
    })
  }

  #numbers(changed: number): readonly number[] {
    const start = this.#at(this.#member, 0)
    const own = this.#words.subarray(start, start + wordsPerMember)
    return [this.#member, changed, ...own.filter((_value, word) => (changed & (1 << word)) !== 0)]
  }

  #at(member: number, word: number): number {
    const at = member * wordsPerMember + word
    if (Number.isInteger(at) && isBelow(word, wordsPerMember) && isBelow(at, this.#words.length)) return at
    throw new RangeError(`Word ${word} of member ${member} is not in the load table.`)
  }
}

function isBelow(value: number, bound: number): boolean {
  return value >= 0 && value < bound
}
