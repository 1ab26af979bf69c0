import test from 'ava'
import fc from 'fast-check'
import { Slice } from '@stigmergy/mapreduce'
import { emitStretches, emitWords, wordsOf } from '../src/words.js'
import { countsOfWords, referenceWords } from './reference.js'
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

function mapped(bytes: Uint8Array): readonly string[] {
  const words: string[] = []
  emitStretches(Slice.of(bytes), (stretch, count) =>
    emitWords(stretch, count, (word) => words.push(word.toString())),
  )
  return words
}

test('the words of bytes are those of the text that they are', (t) => {
  fc.assert(
    fc.property(anyText, (bytes) => {
      t.deepEqual(countsOfWords(mapped(bytes)), countsOfWords(referenceWords(bytes)))
    }),
    { numRuns: 1_000 },
  )
})

test('long stretches without separators are mapped as short ones are', (t) => {
  const bytes = Buffer.from(`${'Ä'.repeat(1_000)}😀b ${'x'.repeat(70_000)}\n${'ä'.repeat(1_000)}`)
  t.deepEqual(mapped(bytes), referenceWords(bytes))
})

test('the words of a stretch count as often as the stretch', (t) => {
  const counts: (readonly [string, number])[] = []
  for (const stretch of ['No', 'Ä🙂b'])
    emitWords(Slice.of(Buffer.from(stretch)), 3, (word, count) => counts.push([word.toString(), count]))
  t.deepEqual(counts, [['no', 3], ['ä', 3], ['b', 3]]) // prettier-ignore
})
