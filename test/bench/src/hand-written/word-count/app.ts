import { bySet, defineApp, dynamicGroup, immediate } from 'stigmergy'
import { ByteTable } from './byte-table.js'
import { piecesOf } from './pieces.js'
import { type Split, splitsOf, type TextFile } from './splits.js'
import { WordCounter } from './words.js'

/** What to count. */
export interface Job {
  readonly files: readonly TextFile[]
  /** About how much text one mapper gets. */
  readonly splitBytes: number
}

/** Words are dealt out to the reducers by hash; each reducer gets one group. */
const groups = Array.from({ length: 8 }, (_, index) => String(index))

/** What waits for the last mapper, and then for the last reducer, has to be held: only the store says how much is too much. */
const atBarrier = { maxPendingBytes: Number.MAX_SAFE_INTEGER }

/**
 * Counts words by map and reduce. A session that begins with `split` results in one block of counted words from each
 * reducer; no word is in two of them.
 */
export const wordCount = defineApp('word-count', (app) => {
  const splits = app.bucket<Split>('splits')
  const shuffle = app.bucket<Uint8Array>('shuffle')
  const reduced = app.bucket<Uint8Array>('reduced')

  const split = app.fn<Job, readonly Uint8Array[]>(
    'split',
    async (fired, { put, closed }) => {
      const { files, splitBytes } = fired.value
      let count = 0
      for await (const work of splitsOf(files, splitBytes)) {
        await put(splits, undefined, work)
        count += 1
      }
      closed(shuffle, { scope: 'items', expected: count })
    },
    { puts: [splits] },
  )

  const map = app.fn<Split>(
    'map',
    async (fired, { put, signal }) => {
      const counter = new WordCounter()
      await read(fired.value, counter, signal)
      const blocks = counter.words().blocks(groups.length)
      for (const [index, block] of blocks.entries())
        await put(shuffle, undefined, block, { group: String(index) })
    },
    // Two, so that one reads while the other counts.
    { concurrency: 2, puts: [shuffle] },
  )

  const reduce = app.fn<Uint8Array>(
    'reduce',
    async (fired, { put }) => {
      const counts = new ByteTable()
      for (const { value } of fired.objects) counts.addBlock(value)
      await put(reduced, String(fired.meta['group']), counts.block())
    },
    { puts: [reduced] },
  )

  const join = app.fn<Uint8Array, readonly Uint8Array[]>('join', (fired, { reply }) => {
    reply(fired.objects.map(({ value }) => value))
  })

  splits.when(immediate(), map)
  shuffle.when(dynamicGroup({ producers: 'sealed', groups, fireEmptyGroups: true }), reduce, atBarrier)
  reduced.when(bySet({ keys: groups }), join, atBarrier)
  return { split }
})

/** Counts the words of a split. */
async function read({ ranges }: Split, counter: WordCounter, signal: AbortSignal): Promise<void> {
  for (const range of ranges)
    for await (const piece of piecesOf(range)) {
      signal.throwIfAborted()
      counter.count(piece)
    }
}
