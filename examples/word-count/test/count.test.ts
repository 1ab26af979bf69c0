import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import { defineRuntime, start } from 'stigmergy'
import { count } from '../src/count.js'
import { wordCount } from '../src/job.js'
import type { TextFile } from '../src/spool.js'
import { countsOfWords, referenceWords } from './reference.js'
import { anyText, writeTexts } from './texts.js'

const folder = await mkdtemp(join(tmpdir(), 'word-count-'))
test.after.always(() => rm(folder, { recursive: true }))

function textsOf(files: readonly TextFile[]) {
  return { files, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), unreadable: [] }
}

const options = { top: 10, signal: new AbortController().signal, onBytes: () => undefined }

test('any texts in any chunks give the counts of their words, and all objects are freed', async (t) => {
  await using runtime = await start(defineRuntime(), wordCount.app)
  const texts = fc.array(anyText, { maxLength: 4 })
  const property = fc.asyncProperty(texts, fc.integer({ min: 5, max: 100 }), async (contents, chunkBytes) => {
    const files = await writeTexts(folder, 'any', contents)
    const input = files.map(({ path, bytes }) => ({ file: path, bytes }))
    const counts: [string, number][] = []
    for await (const [word, total] of wordCount.results(runtime, { input, chunkBytes }))
      counts.push([word.toString(), total])
    t.is(new Set(counts.map(([word]) => word)).size, counts.length)
    t.deepEqual(Object.fromEntries(counts), { ...countsOfWords(contents.flatMap(referenceWords)) })
  })
  await fc.assert(property, { numRuns: 60 })
  t.is(runtime.stats.objects.live, 0)
})

test('no text has no words', async (t) => {
  t.deepEqual((await count(textsOf([]), options)).ranking, { total: 0, distinct: 0, top: [] })
})

test('what cannot be read is told of, and the rest is counted', async (t) => {
  const files = await writeTexts(folder, 'rest', [Buffer.from('one two two')])
  const missing = { path: join(folder, 'missing'), bytes: 10 }
  const { ranking, unreadable } = await count(textsOf([missing, ...files]), options)
  t.deepEqual(ranking.top, [
    ['two', 2],
    ['one', 1],
  ])
  t.deepEqual(unreadable, [{ path: missing.path, problem: 'ENOENT: no such file or directory' }])
})

test('an abort cancels the counting', async (t) => {
  const interrupt = new AbortController()
  const files = await writeTexts(folder, 'abort', [Buffer.alloc(3_000_000, 'word ')])
  const counting = count(textsOf(files), {
    ...options,
    signal: interrupt.signal,
    onBytes: () => interrupt.abort(),
  })
  await t.throwsAsync(counting, { code: 'STG_SESSION_CANCELLED' })
})
