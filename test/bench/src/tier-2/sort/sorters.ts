import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Command } from './run.js'

/** With what is sorted. */
export interface SortMeans {
  readonly workers: number
  readonly memoryBytes: number
  /** A folder for what does not fit into memory. */
  readonly temporary: string
}

export interface SortFiles {
  readonly input: string
  readonly output: string
}

/** The example, as it is built. */
const ownSort = fileURLToPath(new URL('../../../../../examples/sort/dist/main.js', import.meta.url))

/** The command that generates a file of so many bytes of records, the same ones at any time; none if it is there. */
export function generation(file: string, bytes: number): readonly Command[] {
  return existsSync(file) ? [] : [own(['--generate', '--size', String(bytes), '--output', file])]
}

/** Our sort of a file. */
export function ourSort(
  { workers, memoryBytes, temporary }: SortMeans,
  kind: 'thread' | 'process',
  { input, output }: SortFiles,
): Command {
  return own([
    ...['--input', input, '--output', output, '--temporary', temporary],
    ...['--workers', String(workers), '--kind', kind, '--memory', String(memoryBytes), '--json'],
  ])
}

/** A check that the output is sorted and has all records, whoever has written it. */
export function sortCheck({ input, output }: SortFiles): Command {
  return own(['--check-only', '--input', input, '--output', output])
}

/**
 * GNU sort of the same file. It compares whole lines, which is faster than looking for keys in them, and gives the same order:
 * generated lines with equal keys differ next in their number, which rises. Its buffer is as large as our memory.
 */
export function gnuSort(
  { workers, memoryBytes, temporary }: SortMeans,
  { input, output }: SortFiles,
): Command {
  return {
    program: 'sort',
    args: [`--parallel=${workers}`, '-S', `${memoryBytes}b`, '-T', temporary, '-o', output, input],
    env: { LC_ALL: 'C' },
  }
}

function own(args: readonly string[]): Command {
  return { program: process.execPath, args: [ownSort, ...args] }
}
