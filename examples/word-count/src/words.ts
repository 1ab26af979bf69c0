import { Slice } from '@stigmergy/mapreduce'

const wordPattern = /[\p{L}\p{N}]+/gu

/**
 * The words of a text, in order: the longest runs of letters (`\p{L}`) and digits (`\p{N}`), each in lower case by
 * `toLowerCase`. Everything else separates words, combining marks too.
 */
export function wordsOf(text: string): string[] {
  return (text.match(wordPattern) ?? []).map((word) => word.toLowerCase())
}

const [separator, lower, upper, beyondAscii] = [0, 1, 2, 4] as const

/** What each byte can be in a word. Bytes beyond ASCII can be parts of letters; all others are whole characters wherever they occur. */
const kinds = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x80) return beyondAscii
  const character = String.fromCharCode(byte)
  if (wordsOf(character).length === 0) return separator
  return character === character.toLowerCase() ? lower : upper
})

/** Whether a byte is a character that separates words, in broken UTF-8 as well. So text can be cut behind it. */
export function separates(byte: number): boolean {
  return kinds[byte] === separator
}

type Emit = (word: Slice, count: number) => void

/** Longer stretches are hardly met twice. */
const longestMemo = 256
/** A power of two. */
const mostMemos = 65_536

/** A stretch that was met, and its words. */
interface Memo {
  readonly stretch: Slice
  readonly words: readonly Slice[]
}

/**
 * A function that emits every word of a text with the count 1. The stretches between separators are looked at as bytes; only those that
 * are not ASCII become text, and of these the ones that are met often do so once.
 */
export function wordMapper(): (text: Slice, emit: Emit) => void {
  const lowered = Buffer.allocUnsafeSlow(longestMemo)
  const memos = new Array<Memo | undefined>(mostMemos).fill(undefined)

  function emitStretch(stretch: Slice, kind: number, emit: Emit): void {
    if (kind === lower) emit(stretch, 1)
    else if (stretch.length > longestMemo) for (const word of slicesOf(stretch)) emit(word, 1)
    else if ((kind & beyondAscii) === 0) emit(inLowerCase(stretch, lowered), 1)
    else for (const word of remembered(stretch)) emit(word, 1)
  }

  /** A stretch may be forgotten for another one that has the same place. */
  function remembered(stretch: Slice): readonly Slice[] {
    const place = placeOf(stretch)
    const known = memos[place]
    if (known !== undefined && equal(known.stretch, stretch)) return known.words
    const words = slicesOf(stretch)
    memos[place] = { stretch: stretch.copy(), words }
    return words
  }

  return ({ bytes, start, end }, emit) => {
    for (let at = start; at < end; at += 1) {
      let kind = kinds[bytes[at]!]!
      if (kind === separator) continue
      const first = at
      for (at += 1; at < end; at += 1) {
        const next = kinds[bytes[at]!]!
        if (next === separator) break
        kind |= next
      }
      emitStretch(new Slice(bytes, first, at), kind, emit)
    }
  }
}

function placeOf({ bytes, start, end }: Slice): number {
  let hash = 0
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
  return (hash ^ (hash >>> 16)) & (mostMemos - 1)
}

function equal(one: Slice, other: Slice): boolean {
  if (one.length !== other.length) return false
  for (let at = 0; at < one.length; at += 1)
    if (one.bytes[one.start + at] !== other.bytes[other.start + at]) return false
  return true
}

function slicesOf(stretch: Slice): readonly Slice[] {
  return wordsOf(stretch.toString()).map((word) => Slice.of(Buffer.from(word)))
}

/** ASCII letters and digits in lower case. */
function inLowerCase({ bytes, start, end }: Slice, room: Buffer): Slice {
  for (let from = start, to = 0; from < end; from += 1, to += 1) {
    const byte = bytes[from]!
    room[to] = kinds[byte] === upper ? byte | 0x20 : byte
  }
  return new Slice(room, 0, end - start)
}
