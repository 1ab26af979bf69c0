import test from 'ava'
import fc from 'fast-check'
import { WordCounter, wordsOf } from '../src/words.js'
import { countsOfBlocks, countsOfWords, referenceWords } from './reference.js'
import { anyText } from './texts.js'

test('a word is a run of letters and digits, in lower case', (t) => {
  const text = "Don't panic: 42 Vögel, １２ Ⅻ½ and déjà-vu"
  t.deepEqual(wordsOf(text), ['don', 't', 'panic', '42', 'vögel', '１２', 'ⅻ½', 'and', 'déjà', 'vu'])
})

test('a combining mark is no letter and ends a word', (t) => {
  t.deepEqual(wordsOf('cafe\u0301s'), ['cafe', 's'])
})

test('lower case is that of the whole word and may be longer or shorter', (t) => {
  t.deepEqual(wordsOf('ΟΔΟΣ ΟΔΟΣΣ'), ['οδος', 'οδοσς'])
  t.deepEqual(wordsOf('\u0130stanbul'), ['i\u0307stanbul'])
  t.deepEqual(wordsOf('\u212Aelvin'), ['kelvin'])
})

test('a letter beyond the basic plane is one letter', (t) => {
  t.deepEqual(wordsOf('𐐀𝒳😀𠮷'), ['𐐨𝒳', '𠮷'])
})

test('counting bytes gives the words of the text that they are', (t) => {
  fc.assert(
    fc.property(anyText, (bytes) => {
      const counter = new WordCounter()
      counter.count(bytes)
      t.deepEqual(countsOfBlocks(counter.words().blocks(3)), countsOfWords(referenceWords(bytes)))
    }),
    { numRuns: 1_000 },
  )
})

test('long stretches without separators are counted as short ones are', (t) => {
  const bytes = Buffer.from(`${'Ä'.repeat(1_000)}😀b ${'x'.repeat(70_000)}\n${'ä'.repeat(1_000)}`)
  const counter = new WordCounter()
  counter.count(bytes)
  t.deepEqual(countsOfBlocks(counter.words().blocks(1)), countsOfWords(referenceWords(bytes)))
})
