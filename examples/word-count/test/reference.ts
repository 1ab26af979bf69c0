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

function sorted(counts: ReadonlyMap<string, number>): Counts {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}
