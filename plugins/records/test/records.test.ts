import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import {
  chunksOf,
  fixed,
  InputProblem,
  lines,
  pieces,
  readRecords,
  type RecordFormat,
  sampleOf,
} from '../src/index.js'

const folder = mkdtempSync(join(tmpdir(), 'records-test-'))
test.after.always(() => rmSync(folder, { recursive: true }))
const { signal } = new AbortController()

/** All records of a file that is read in chunks, with a window of so many bytes. */
async function recordsIn<R>(
  format: RecordFormat<R>,
  content: string,
  chunkBytes: number,
  room: number,
): Promise<readonly (readonly [record: string, offset: number])[]> {
  const file = join(folder, randomUUID())
  writeFileSync(file, content)
  const found: (readonly [string, number])[] = []
  const bytes = Buffer.alloc(room)
  for (const range of chunksOf([{ file, bytes: Buffer.byteLength(content) }], chunkBytes, format.size).flat())
    await readRecords(range, format, { bytes, room }, signal, (record, offset) =>
      found.push([String(record), offset]),
    )
  return found
}

const content = fc
  .array(fc.constantFrom('a', 'ä', '🌾', ' ', '\n', '\r\n'), { maxLength: 60 })
  .map((all) => all.join(''))
const chunk = fc.integer({ min: 1, max: 90 })
const room = fc.integer({ min: 4, max: 50 })

test('each line is read once, wherever chunks end and however small the window is', async (t) => {
  await fc.assert(
    fc.asyncProperty(content, chunk, room, async (content, chunkBytes, room) => {
      const found = await recordsIn(lines(), content, chunkBytes, room)
      const expected = content.split('\n').map((line) => line.replace(/\r$/, ''))
      if (content === '' || content.endsWith('\n')) expected.pop()
      else expected[expected.length - 1] = content.split('\n').at(-1)!
      t.deepEqual(
        found.map(([line]) => line),
        expected,
      )
      for (const [line, offset] of found)
        t.is(Buffer.from(content).toString('utf8', offset, offset + Buffer.byteLength(line)), line)
    }),
  )
})

test('pieces are all of the input, and end only where they may', async (t) => {
  await fc.assert(
    fc.asyncProperty(content, chunk, room, async (content, chunkBytes, room) => {
      const found = await recordsIn(
        pieces((byte) => byte === 0x20),
        content,
        chunkBytes,
        room,
      )
      t.is(found.map(([piece]) => piece).join(''), content)
      for (const [piece] of found.slice(0, -1)) t.is(piece.at(-1), ' ')
    }),
  )
})

test('records of a fixed size are never cut', async (t) => {
  const content = Array.from({ length: 40 }, (_, at) => String(at).padStart(3, '0'))
  await fc.assert(
    fc.asyncProperty(chunk, room, async (chunkBytes, room) => {
      const found = await recordsIn(fixed(3), content.join(''), chunkBytes, room)
      t.deepEqual(
        found.map(([record]) => record),
        content,
      )
    }),
  )
})

test('chunks cover all files once, and hold about what they are to hold', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(5_000), { maxLength: 20 }),
      fc.integer({ min: 1, max: 700 }),
      (sizes, chunkBytes) => {
        const files = sizes.map((bytes, at) => ({ file: String(at), bytes }))
        const chunks = chunksOf(files, chunkBytes, 1)
        for (const chunk of chunks)
          t.true(chunk.reduce((sum, { start, end }) => sum + end - start, 0) < 2 * chunkBytes + 1)
        const read = new Map<string, number>()
        for (const { file, start, end } of chunks.flat()) {
          t.is(start, read.get(file) ?? 0)
          read.set(file, end)
        }
        for (const { file, bytes } of files) t.is(read.get(file) ?? 0, bytes)
      },
    ),
  )
})

test('a sample looks at many places of large inputs, and at all of small ones', (t) => {
  const range = { file: 'a', start: 0, end: 10_000_000, size: 10_000_000 }
  const sample = sampleOf([range], 40, 100)
  t.is(sample.length, 40)
  t.true(sample.every(({ start, end }) => start % 100 === 0 && end - start <= 1_100))
  t.deepEqual(sampleOf([{ ...range, end: 9_000 }], 40, 100), [{ ...range, end: 9_000 }])
})

test('what cannot be read, and what has become shorter, is told with its file', async (t) => {
  const file = join(folder, 'gone')
  const range = { file, start: 0, end: 9, size: 9 }
  const read = (): Promise<void> =>
    readRecords(range, lines(), { bytes: Buffer.alloc(8), room: 8 }, signal, () => undefined)
  await t.throwsAsync(read, { instanceOf: InputProblem, message: /gone/ })
  writeFileSync(file, 'a\nb\nc\nd\ne')
  await t.notThrowsAsync(read)
  truncateSync(file, 4)
  await t.throwsAsync(read, { instanceOf: InputProblem, message: /became shorter/ })
})
