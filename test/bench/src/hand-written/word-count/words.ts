import { ByteTable } from './byte-table.js'

const wordPattern = /[\p{L}\p{N}]+/gu

/**
 * The words of a text, in order: the longest runs of letters (`\p{L}`) and digits (`\p{N}`), each in lower case by
 * `toLowerCase`. Everything else separates words, combining marks too.
 */
function wordsOf(text: string): string[] {
  return (text.match(wordPattern) ?? []).map((word) => word.toLowerCase())
}

/**
 * By byte, 1 for what can be part of a word: ASCII letters and digits, and every byte beyond ASCII. The other bytes are
 * whole characters wherever they occur, in broken UTF-8 as well, and separate words. So text can be cut next to one of
 * them, and its words are the words of the parts.
 */
const joins = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(byte >= 0x80 || wordsOf(String.fromCharCode(byte)).length > 0),
)

/** The first place between `from` and `to` that has a separator in front of it; -1 when there is none. */
export function firstCut(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at += 1) if (joins[bytes[at] ?? 0] === 0) return at + 1
  return -1
}

/** The last such place. */
export function lastCut(bytes: Uint8Array, from: number, to: number): number {
  for (let at = to; at > from; at -= 1) if (joins[bytes[at - 1] ?? 0] === 0) return at
  return -1
}

/** Longer stretches without separator are hardly met twice. */
const longestMemo = 256

/**
 * Counts the words of text that comes as bytes. The stretches between separators are counted as they are, and turned
 * into words only once each, in the end: so it is as fast as bytes can be compared, and Unicode is left to `wordsOf`.
 */
export class WordCounter {
  readonly #stretches = new ByteTable()
  readonly #words = new ByteTable()

  /** Takes text that begins and ends next to a separator, or where the whole text does. */
  count(text: Buffer): void {
    const { length } = text
    for (let at = 0; at < length; at += 1) {
      if (joins[text[at] ?? 0] === 0) continue
      const start = at
      while (at < length && joins[text[at] ?? 0] === 1) at += 1
      if (at - start <= longestMemo) this.#stretches.add(text, start, at, 1)
      else this.#addWords(text.subarray(start, at), 1)
    }
  }

  /** The words and their counts. Ends the counting. */
  words(): ByteTable {
    this.#stretches.forEach((stretch, count) => this.#addWords(stretch, count))
    return this.#words
  }

  #addWords(stretch: Buffer, count: number): void {
    const ascii = asciiWord(stretch)
    const keys = ascii === undefined ? wordsOf(stretch.toString()).map((word) => Buffer.from(word)) : [ascii]
    for (const key of keys) this.#words.add(key, 0, key.length, count)
  }
}

/** The word that a stretch is if all of it is ASCII. A shortcut: `wordsOf` would find the same. */
function asciiWord(stretch: Buffer): Buffer | undefined {
  const word = Buffer.allocUnsafe(stretch.length)
  for (let at = 0; at < word.length; at += 1) {
    const byte = stretch[at] ?? 0
    if (byte >= 0x80) return undefined
    word[at] = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
  }
  return word
}
