import { open, type FileHandle } from 'node:fs/promises'
import { firstCut } from './words.js'

/** A file of text. */
export interface TextFile {
  readonly path: string
  readonly bytes: number
}

/** A part of a file, from `start` to `end`, at whose ends no word is cut. */
export interface Range {
  readonly path: string
  readonly start: number
  readonly end: number
}

/** The work of one mapper: a part of a large file, or several small files. */
export interface Split {
  readonly ranges: readonly Range[]
  readonly bytes: number
}

const smallestSplit = 1024 * 1024
const mostSplits = 64

/**
 * How large the splits of so many bytes should be. There are about 64 at most, because each of them hands on its own
 * vocabulary: what is held between map and reduce grows with the language, not with the text.
 */
export function splitBytesFor(totalBytes: number): number {
  return Math.max(smallestSplit, Math.ceil(totalBytes / mostSplits))
}

/** Divides files into splits of about `splitBytes`, in order. Of large files it reads the places of the cuts. */
export async function* splitsOf(
  files: Iterable<TextFile>,
  splitBytes: number,
): AsyncGenerator<Split, void, undefined> {
  let ranges: Range[] = []
  let bytes = 0
  for (const file of files) {
    for (const range of await rangesOf(file, splitBytes)) {
      ranges.push(range)
      bytes += range.end - range.start
      if (bytes < splitBytes) continue
      yield { ranges, bytes }
      ranges = []
      bytes = 0
    }
  }
  if (ranges.length > 0) yield { ranges, bytes }
}

/** Cuts a file into ranges of `rangeBytes`, longer where that would cut a word. */
async function rangesOf(file: TextFile, rangeBytes: number): Promise<readonly Range[]> {
  const { path, bytes } = file
  const starts = bytes > rangeBytes ? await startsOf(file, rangeBytes) : [0]
  return starts
    .map((start, index) => ({ path, start, end: starts[index + 1] ?? bytes }))
    .filter(({ end }) => end > 0)
}

async function startsOf({ path, bytes }: TextFile, rangeBytes: number): Promise<readonly number[]> {
  const file = await open(path)
  const starts: number[] = []
  try {
    for (let start = 0; start < bytes; start = await firstCutFrom(file, start + rangeBytes))
      starts.push(start)
  } finally {
    await file.close()
  }
  return starts
}

const windowBytes = 16 * 1024

/** The first place at or after `at` where the file can be cut; Infinity when there is none. */
async function firstCutFrom(file: FileHandle, at: number): Promise<number> {
  const window = Buffer.allocUnsafe(windowBytes)
  for (let from = at - 1; ;) {
    const { bytesRead } = await file.read(window, 0, windowBytes, from)
    if (bytesRead === 0) return Infinity
    const cut = firstCut(window, 0, bytesRead)
    if (cut !== -1) return from + cut
    from += bytesRead
  }
}
