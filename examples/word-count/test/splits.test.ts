import { mkdtemp, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import { piecesOf } from '../src/pieces.js'
import { type Range, type Split, splitBytesFor, splitsOf, type TextFile } from '../src/splits.js'
import { WordCounter } from '../src/words.js'
import { countsOfBlocks, countsOfWords, referenceWords } from './reference.js'
import { anyText, writeTexts } from './texts.js'

const folder = await mkdtemp(join(tmpdir(), 'splits-'))
test.after.always(() => rm(folder, { recursive: true }))

async function allSplits(files: readonly TextFile[], splitBytes: number): Promise<readonly Split[]> {
  const splits: Split[] = []
  for await (const split of splitsOf(files, splitBytes)) splits.push(split)
  return splits
}

async function allPieces(range: Range, pieceBytes: number): Promise<readonly Buffer[]> {
  const pieces: Buffer[] = []
  for await (const piece of piecesOf(range, pieceBytes)) pieces.push(Buffer.from(piece))
  return pieces
}

const isWordByte = (byte: number): boolean => byte >= 0x80 || /[a-z0-9]/i.test(String.fromCharCode(byte))

/** Whether text is cut where a word cannot be: at an end, or behind a byte that is a character and in no word. */
function isSafeCut(text: Uint8Array, at: number): boolean {
  return at === 0 || at === text.length || !isWordByte(text[at - 1] ?? 0)
}

test('splits cover every byte of every file once, in order, and are cut behind separators', async (t) => {
  const property = fc.asyncProperty(
    fc.array(anyText, { maxLength: 5 }),
    fc.integer({ min: 1, max: 40 }),
    async (texts, splitBytes) => {
      const files = await writeTexts(folder, 'covered', texts)
      const splits = await allSplits(files, splitBytes)
      for (const [index, { path }] of files.entries()) {
        const text = texts[index] ?? Buffer.alloc(0)
        const ranges = splits.flatMap(({ ranges }) => ranges).filter((range) => range.path === path)
        const cuts = ranges.map(({ end }) => end)
        t.deepEqual(
          ranges.map(({ start }) => start),
          [0, ...cuts].slice(0, ranges.length),
        )
        t.is(cuts.at(-1) ?? 0, text.length)
        t.true(cuts.every((cut) => isSafeCut(text, cut)))
      }
      for (const { ranges, bytes } of splits)
        t.is(
          bytes,
          ranges.reduce((sum, { start, end }) => sum + end - start, 0),
        )
      t.true(splits.slice(0, -1).every(({ bytes }) => bytes >= splitBytes))
    },
  )
  await fc.assert(property, { numRuns: 150 })
})

test('pieces make up their range and are cut behind separators', async (t) => {
  const property = fc.asyncProperty(anyText, fc.integer({ min: 1, max: 30 }), async (text, pieceBytes) => {
    const [file = { path: '', bytes: 0 }] = await writeTexts(folder, 'pieces', [text])
    const pieces = await allPieces({ path: file.path, start: 0, end: file.bytes }, pieceBytes)
    t.deepEqual(Buffer.concat(pieces), text)
    let at = 0
    for (const piece of pieces) t.true(isSafeCut(text, (at += piece.length)))
  })
  await fc.assert(property, { numRuns: 150 })
})

test('however text is split and read, its words are the same', async (t) => {
  const sizes = fc.integer({ min: 1, max: 25 })
  const property = fc.asyncProperty(
    fc.array(anyText, { maxLength: 3 }),
    sizes,
    sizes,
    async (texts, splitBytes, pieceBytes) => {
      const counter = new WordCounter()
      for (const { ranges } of await allSplits(await writeTexts(folder, 'same', texts), splitBytes))
        for (const range of ranges)
          for (const piece of await allPieces(range, pieceBytes)) counter.count(piece)
      t.deepEqual(countsOfBlocks([counter.words().block()]), countsOfWords(texts.flatMap(referenceWords)))
    },
  )
  await fc.assert(property, { numRuns: 150 })
})

test('megabytes without any separator are one range and one word', async (t) => {
  const word = Buffer.alloc(3_000_000, 'Wörter')
  const text = Buffer.concat([Buffer.from('one '), word, Buffer.from(' two')])
  const splits = await allSplits(await writeTexts(folder, 'huge', [text]), 1_000_000)
  const counter = new WordCounter()
  for (const { ranges } of splits)
    for (const range of ranges) for (const piece of await allPieces(range, 1_000)) counter.count(piece)
  t.deepEqual(
    splits.map(({ bytes }) => bytes),
    [3_000_005, 3],
  )
  t.deepEqual(countsOfBlocks([counter.words().block()]), countsOfWords(referenceWords(text)))
})

test('a file that shrinks while it is read is an error, not less text', async (t) => {
  const [file = { path: '', bytes: 0 }] = await writeTexts(folder, 'shrinks', [Buffer.from('one two three')])
  await truncate(file.path, 4)
  await t.throwsAsync(allPieces({ path: file.path, start: 0, end: file.bytes }, 4), { message: /shorter/ })
})

test('a large file that cannot be opened is left, whole, to the one who reads it', async (t) => {
  const path = join(folder, 'missing')
  t.deepEqual(await allSplits([{ path, bytes: 5_000 }], 10), [
    { ranges: [{ path, start: 0, end: 5_000 }], bytes: 5_000 },
  ])
})

test('there are at most about 64 splits, and none much below a megabyte', (t) => {
  t.is(splitBytesFor(0), 1_048_576)
  t.is(splitBytesFor(64 * 1_048_576), 1_048_576)
  t.is(splitBytesFor(64 * 50_000_000), 50_000_000)
})
