import { entriesOf } from '../src/block.js'

/** The words of a text, found character by character; shares nothing with the program. */
export function referenceWords(bytes: Uint8Array): readonly string[] {
  const words: string[] = []
  let word = ''
  for (const character of `${new TextDecoder().decode(bytes)} `) {
    if (/^[\p{L}\p{N}]$/u.test(character)) word += character
    else if (word !== '') {
      words.push(word.toLowerCase())
      word = ''
    }
  }
  return words
}

/** How often each word occurs. */
export type Counts = Readonly<Record<string, number>>

export function countsOfWords(words: readonly string[]): Counts {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return sorted(counts)
}

/** The counts in blocks, of which none may have a word of another. */
export function countsOfBlocks(blocks: readonly Uint8Array[]): Counts {
  const counts = new Map<string, number>()
  for (const block of blocks)
    for (const { start, end, count } of entriesOf(block)) {
      const word = Buffer.from(block.subarray(start, end)).toString()
      if (counts.has(word)) throw new Error(`${word} is there twice`)
      counts.set(word, count)
    }
  return sorted(counts)
}

function sorted(counts: ReadonlyMap<string, number>): Counts {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}
