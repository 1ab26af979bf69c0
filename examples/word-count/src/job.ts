import { bytes, count, mapReduce, pieces } from '@stigmergy/mapreduce'
import { emitStretches, emitWords, separates } from './words.js'

/** Counts words: the word itself is the key, as UTF-8. Stretches of text are counted as they are, and made words only once each. */
export const wordCount = mapReduce('word-count', {
  input: pieces(separates),
  key: bytes,
  value: count,
  map: emitStretches,
  combine: (one, other) => one + other,
  refine: emitWords,
  reduce: (_word, counts) => {
    let total = 0
    for (const part of counts) total += part
    return total
  },
  result: count,
})
