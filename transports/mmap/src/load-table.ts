import type { LoadTable, LoadWord } from '@stigmergy/core'
import type { Roster } from './roster.js'
import { rosterLayout } from './roster-layout.js'

const { word: firstWord, words: wordsPerMember } = rosterLayout.load

/** The load words of a node, in its roster. The number of a place that is given again starts from zeros. */
export class MappedLoadTable implements LoadTable {
  readonly #roster: Roster
  readonly #member: number

  constructor(roster: Roster, member: number) {
    this.#roster = roster
    this.#member = member
  }

  set(word: LoadWord, value: number): void {
    Atomics.store(this.#roster.words, this.#at(this.#member, word), value)
  }

  get(member: number, word: LoadWord): number {
    return Atomics.load(this.#roster.words, this.#at(member, word)) >>> 0
  }

  /** Throws a `RangeError` outside of the table: it lies between words that mean something else. */
  #at(member: number, word: number): number {
    if (!isBelow(member, this.#roster.members) || !isBelow(word, wordsPerMember))
      throw new RangeError(`Word ${word} of member ${member} is not in the load table.`)
    return firstWord + member * wordsPerMember + word
  }
}

function isBelow(value: number, bound: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < bound
}
