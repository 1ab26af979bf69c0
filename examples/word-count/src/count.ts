import { defineRuntime, type EventListener, type RuntimeStats, start, type WorkersConfig } from 'stigmergy'
import { type Reading, wordCount } from './app.js'
import type { Texts, Unreadable } from './files.js'
import { rank, type Ranking } from './ranking.js'
import { splitBytesFor } from './splits.js'

/** What a run of the app came to. */
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
  /** Cancels the session. */
  readonly signal: AbortSignal
  /** Is called after each split with the bytes that it had. */
  readonly onBytes: (bytes: number) => void
}

/** Counts the words of texts in a runtime of its own. */
export async function count(texts: Texts, { top, workers, signal, onBytes }: CountOptions): Promise<Count> {
  const begun = performance.now()
  const unreadable = new Map(texts.unreadable.map((text) => [text.path, text]))
  await using runtime = await start(defineRuntime(workers === undefined ? {} : { workers }), wordCount)
  using _listening = runtime.on(
    forReadings((reading) => {
      onBytes(reading.bytes)
      for (const text of reading.unreadable) unreadable.set(text.path, text)
    }),
  )
  const job = { files: texts.files, splitBytes: splitBytesFor(texts.bytes) }
  const session = runtime.invoke(wordCount.handles.split, job, { signal })
  const ranking = rank(await session.result, top)
  await session.ended
  return {
    ranking,
    texts,
    unreadable: [...unreadable.values()],
    runtime: runtime.stats,
    ms: performance.now() - begun,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  }
}

function forReadings(onReading: (reading: Reading) => void): EventListener {
  const { bucket } = wordCount.handles.readings
  return (event) => {
    if (event.type === 'object-put' && event.object.bucket === bucket) onReading(event.object.meta as Reading)
  }
}
