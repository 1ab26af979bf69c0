import { defineRuntime, start, type WorkersConfig } from 'stigmergy'
import { wordCount } from './app.js'
import { rank, type Ranking } from './ranking.js'
import { splitBytesFor, type TextFile } from './splits.js'

export interface CountOptions {
  /** How many words to rank. */
  readonly top: number
  /** What maps and reduces; undefined for this event loop. */
  readonly workers: WorkersConfig | undefined
}

/** Counts the words of files in a runtime of its own. */
export async function count(files: readonly TextFile[], { top, workers }: CountOptions): Promise<Ranking> {
  await using runtime = await start(defineRuntime(workers === undefined ? {} : { workers }), wordCount)
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const session = runtime.invoke(wordCount.handles.split, { files, splitBytes: splitBytesFor(bytes) })
  const ranking = rank(await session.result, top)
  await session.ended
  return ranking
}
