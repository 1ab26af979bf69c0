import { bytes, count, mapReduce, pieces } from '@stigmergy/mapreduce'
import { separates, wordMapper } from './words.js'

/** Counts words: the word itself is the key, as UTF-8. */
export const wordCount = mapReduce('word-count', {
  input: pieces(separates),
  key: bytes,
  value: count,
  map: wordMapper(),
  combine: (one, other) => one + other,
  reduce: (_word, counts) => {
    let total = 0
    for (const part of counts) total += part
    return total
  },
  result: count,
})
