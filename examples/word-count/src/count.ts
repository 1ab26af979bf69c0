import type { InputFile } from '@stigmergy/mapreduce'
import { defineRuntime, type RuntimeStats, start, type WorkersConfig } from 'stigmergy'
import { problemOf, type Texts, type Unreadable } from './files.js'
import { wordCount } from './job.js'
import { Ranker, type Ranking } from './ranking.js'

/** What a run of the job came to. */
export interface Count {
  readonly ranking: Ranking
  readonly texts: Texts
  /** What could not be read, found before or on the way. */
  readonly unreadable: readonly Unreadable[]
  /** What the framework did for it. */
  readonly runtime: RuntimeStats
  readonly ms: number
  readonly peakMemoryBytes: number
}

export interface CountOptions {
  /** How many words to rank. */
  readonly top: number
  /** What maps and reduces; undefined for this event loop. */
  readonly workers?: WorkersConfig | undefined
  /** Cancels the counting. */
  readonly signal: AbortSignal
  /** Is called now and then with how many more bytes have been counted. */
  readonly onBytes: (bytes: number) => void
}

/** Counts the words of texts in a runtime of its own. */
export async function count(texts: Texts, options: CountOptions): Promise<Count> {
  const begun = performance.now()
  const { top, workers, signal, onBytes } = options
  const ranker = new Ranker(top)
  let counted = 0
  await using runtime = await start(defineRuntime(workers === undefined ? {} : { workers }), wordCount.app)
  const { skipped } = await wordCount.run(runtime, {
    input: texts.files.map(({ path, bytes }): InputFile => ({ file: path, bytes })),
    unreadable: 'skip',
    signal,
    onProgress: ({ phase, done }) => {
      if (phase === 'reduce') return
      onBytes(done - counted)
      counted = done
    },
    output: (word, total) => ranker.add(word, total),
  })
  const found = skipped.map(({ file, problem }) => ({ path: file, problem: problemOf(problem) }))
  const unreadable = new Map([...texts.unreadable, ...found].map((text) => [text.path, text]))
  return {
    ranking: ranker.ranking(),
    texts,
    unreadable: [...unreadable.values()],
    runtime: runtime.stats,
    ms: performance.now() - begun,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  }
}
