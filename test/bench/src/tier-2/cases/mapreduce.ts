import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Case, type Effort, ours, probe, type Subject } from '../../case.js'
import { type Command, runToEnd } from '../sort/run.js'
import { generation, ourSort, sortCheck } from '../sort/sorters.js'
import { writeWords } from '../word-file.js'
import { workerCount } from './several-workers.js'

/** The name of the peer. */
export const handWritten = 'hand-written'
const memoryBytes = 256e6

/** What a program does, and what goes before and after it, which is not part of the figure. */
interface Work {
  readonly bytes: number
  readonly before: (size: number, scratch: string) => Promise<void>
  readonly command: (scratch: string) => Command
  readonly after: (scratch: string) => Promise<void>
}

const words = {
  bytes: 100e6,
  before: async (size: number, scratch: string) => writeWords(join(scratch, 'words'), size),
  after: async () => undefined,
}

/** The word count of the examples, which is written on the package, and one written for the same job on the framework alone. */
export const mapReduceWords = caseOf('mapreduce-words', 'counts the words of 100 MB of text', [
  subjectOf(ours, { ...words, command: (scratch) => wordsOf('examples/word-count', scratch, ['--json']) }),
  subjectOf(handWritten, {
    ...words,
    command: (scratch) => wordsOf('test/bench', scratch, [], 'hand-written/word-count/main.js'),
  }),
])

/** The same for the sort. */
export const mapReduceSort = caseOf('mapreduce-sort', 'sorts 400 MB of records of 100 bytes', [
  subjectOf(
    ours,
    sortWork('ours', (files, temporary) =>
      ourSort({ workers: workerCount, memoryBytes, temporary }, 'thread', files),
    ),
  ),
  subjectOf(
    handWritten,
    sortWork('theirs', ({ input, output }, temporary) =>
      program('test/bench', 'hand-written/sort/main.js', [
        ...['--input', input, '--output', output, '--temporary', temporary],
        ...['--workers', String(workerCount), '--memory', String(memoryBytes)],
      ]),
    ),
  ),
])

function caseOf(name: string, does: string, subjects: readonly Subject[]): Case {
  const figure = `a program that ${does} on ${workerCount} workers, from its start to its end`
  return { name, figure, unit: 'MB/s', rounds: 5, warmUps: 0, long: true, subjects }
}

function subjectOf(name: string, { bytes, before, command, after }: Work): Subject {
  return {
    name,
    open: (effort: Effort, scratch) => {
      const size = effort.size(bytes)
      return probe(async () => {
        await before(size, scratch)
        const { ms } = await runToEnd(command(scratch))
        await after(scratch)
        return [size / 1e3 / ms]
      })
    },
  }
}

function sortWork(
  outputName: string,
  commandOf: (files: { readonly input: string; readonly output: string }, scratch: string) => Command,
): Work {
  const filesIn = (scratch: string) => ({
    input: join(scratch, 'records'),
    output: join(scratch, outputName),
  })
  return {
    bytes: 400e6,
    before: async (size, scratch) => {
      for (const generate of generation(filesIn(scratch).input, size)) await runToEnd(generate)
    },
    command: (scratch) => commandOf(filesIn(scratch), scratch),
    after: async (scratch) => {
      await runToEnd(sortCheck(filesIn(scratch)))
      // Who comes next finds as much free memory.
      rmSync(filesIn(scratch).output)
    },
  }
}

function wordsOf(folder: string, scratch: string, more: readonly string[], main?: string): Command {
  const args = ['--workers', String(workerCount), '--kind', 'thread', ...more, join(scratch, 'words')]
  return program(folder, main, args)
}

/** A program of the repository, as it is built. */
function program(folder: string, main = 'main.js', args: readonly string[]): Command {
  const path = fileURLToPath(new URL(`../../../../../${folder}/dist/${main}`, import.meta.url))
  return { program: process.execPath, args: [path, ...args] }
}
