import { Slice } from '@stigmergy/mapreduce'

const wordPattern = /[\p{L}\p{N}]+/gu

/**
 * The words of a text, in order: the longest runs of letters (`\p{L}`) and digits (`\p{N}`), each in lower case by
 * `toLowerCase`. Everything else separates words, combining marks too.
 */
export function wordsOf(text: string): string[] {
  return (text.match(wordPattern) ?? []).map((word) => word.toLowerCase())
}

/**
 * By byte, 1 for what separates words. Bytes beyond ASCII can be parts of letters; all others are whole characters wherever they occur,
 * in broken UTF-8 as well.
 */
const separators = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(byte < 0x80 && wordsOf(String.fromCharCode(byte)).length === 0),
)

/** Whether a byte is a character that separates words. So text can be cut behind it. */
export function separates(byte: number): boolean {
  return separators[byte] === 1
}

type Emit = (stretch: Slice, count: number) => void

/** Emits every stretch between separators with the count 1. */
export function emitStretches({ bytes, start, end }: Slice, emit: Emit): void {
  for (let at = start; at < end; at += 1) {
    if (separators[bytes[at]!] === 1) continue
    const first = at
    while (at < end && separators[bytes[at]!] === 0) at += 1
    emit(new Slice(bytes, first, at), 1)
  }
}

/** Emits every word of a stretch with the count of the stretch. */
export function emitWords(stretch: Slice, count: number, emit: Emit): void {
  const word = asciiWord(stretch)
  if (word !== undefined) emit(word, count)
  else for (const word of wordsOf(stretch.toString())) emit(Slice.of(Buffer.from(word)), count)
}

/** The word that a stretch is if all of it is ASCII. A shortcut: `wordsOf` would find the same. */
function asciiWord({ bytes, start, end }: Slice): Slice | undefined {
  const word = Buffer.allocUnsafe(end - start)
  for (let from = start, to = 0; from < end; from += 1, to += 1) {
    const byte = bytes[from]!
    if (byte >= 0x80) return undefined
    word[to] = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
  }
  return new Slice(word, 0, word.length)
}
