import { appendFileSync, existsSync, renameSync, writeFileSync } from 'node:fs'

const vocabulary = 200_000
const syllables = [
  'ba',
  'ce',
  'di',
  'fo',
  'gu',
  'ha',
  'ke',
  'li',
  'mo',
  'nu',
  'pa',
  're',
  'si',
  'to',
  'vu',
  'ä',
] as const
const pieceBytes = 1e6

/** Writes text of so many bytes, the same at any time, unless it is there: lines of words, of which few are frequent and many rare. */
export function writeWords(path: string, bytes: number): void {
  if (existsSync(path)) return
  const unfinished = `${path}.unfinished`
  writeFileSync(unfinished, '')
  for (let written = 0, seed = 1; written < bytes; seed += 1) {
    const piece = Buffer.from(textFor(seed)).subarray(0, bytes - written)
    appendFileSync(unfinished, piece)
    written += piece.length
  }
  renameSync(unfinished, path)
}

function textFor(seed: number): string {
  let text = ''
  for (let state = seed, word = 0; text.length < pieceBytes; word += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    // Equally many for each power of two: about as words are in languages.
    text += wordOf(Math.floor(vocabulary ** (state / 2 ** 32)))
    text += word % 12 === 11 ? '.\n' : ' '
  }
  return text
}

function wordOf(number: number): string {
  let word = ''
  for (let rest = number; rest > 0; rest = Math.floor(rest / syllables.length))
    word += syllables[rest % syllables.length]
  return number % 7 === 0 ? word.toUpperCase() : word
}
