import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { glob } from 'tinyglobby'
import { InputProblem } from './problems.js'
import type { FileRange } from './records.js'

/** A file whose size is known: it is not looked at before it is read. */
export interface InputFile {
  readonly file: string
  readonly bytes: number
}

/** What to read: files, folders with all files in them at any depth, and globs; or bytes, which go into a file first. */
export type Input = string | readonly (string | InputFile)[] | AsyncIterable<string | Uint8Array>

/**
 * The files of an input, those of folders and globs in the order of their names. What comes as bytes is copied to `spool`. Throws
 * `InputProblem`.
 */
export async function filesOf(
  input: Input,
  spool: string,
  signal: AbortSignal,
): Promise<readonly InputFile[]> {
  if (typeof input === 'object' && Symbol.asyncIterator in input) {
    const stream = createWriteStream(spool)
    await pipeline(Readable.from(input), stream, { signal })
    return [{ file: spool, bytes: stream.bytesWritten }]
  }
  const found: InputFile[] = []
  for (const each of typeof input === 'string' ? [input] : input)
    found.push(...(typeof each === 'string' ? await filesAt(each) : [each]))
  return found
}

async function filesAt(path: string): Promise<readonly InputFile[]> {
  const stats = await stat(path).catch(() => undefined)
  if (stats !== undefined && !stats.isDirectory()) return [{ file: resolve(path), bytes: stats.size }]
  const where = stats === undefined ? { patterns: [path] } : { patterns: ['**'], cwd: path, dot: true }
  const files = await glob({ ...where, absolute: true, expandDirectories: false })
  if (stats === undefined && files.length === 0)
    throw new InputProblem(path, 'there is no such file, and none that matches')
  return Promise.all(files.sort().map(async (file) => ({ file, bytes: (await stat(file)).size })))
}

/** Cuts files into chunks: parts of large files, and several small ones. At least one chunk, which may be empty. */
export function chunksOf(
  files: readonly InputFile[],
  chunkBytes: number,
  recordBytes: number,
): FileRange[][] {
  const step = Math.ceil(chunkBytes / recordBytes) * recordBytes
  const chunks: FileRange[][] = [[]]
  let room = step
  for (const { file, bytes: size } of files)
    for (let start = 0; start < size; start += step) {
      if (room <= 0) {
        chunks.push([])
        room = step
      }
      const end = Math.min(size, start + step)
      chunks.at(-1)!.push({ file, start, end, size })
      room -= end - start
    }
  return chunks
}

const bytesPerPlace = 1_024

/** Small parts of ranges, at `places` equal distances; the ranges themselves if they are not much larger. */
export function sampleOf(
  ranges: readonly FileRange[],
  places: number,
  recordBytes: number,
): readonly FileRange[] {
  const total = bytesIn(ranges)
  if (total <= 2 * places * bytesPerPlace) return ranges
  const length = Math.ceil(bytesPerPlace / recordBytes) * recordBytes
  const sample: FileRange[] = []
  let next = 0
  for (const range of ranges) {
    const bytes = range.end - range.start
    for (; next < bytes; next += total / places) {
      const start = range.start + Math.floor(next / recordBytes) * recordBytes
      sample.push({ ...range, start, end: Math.min(start + length, range.end) })
    }
    next -= bytes
  }
  return sample
}

/** How many bytes ranges have together. */
export function bytesIn(ranges: readonly FileRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0)
}
