import { fileURLToPath } from 'node:url'
import type { JobReport } from '@stigmergy/mapreduce'
import { Command, InvalidArgumentError, Option } from 'commander'
import { defineRuntime, type Runtime, start, StigmergyError } from 'stigmergy'
import { invertedIndex, type Postings } from './job.js'

interface Options {
  readonly into?: string
  readonly workers: number
  readonly kind: 'process' | 'thread'
}

const documents = fileURLToPath(new URL('../../../docs/**/*.md', import.meta.url))
/** Without a folder for the index, so many words are shown. */
const mostShown = 10

const interrupt = new AbortController()
process.on('SIGINT', () => interrupt.abort(130))
process.on('SIGTERM', () => interrupt.abort(143))

await new Command('inverted-index')
  .description(
    'Lists, for each word of text files, the files that it occurs in, and in how many of their lines.\n' +
      'Words are runs of Unicode letters and digits, in lower case. Without paths: of the documents of this repository.',
  )
  .argument('[path...]', 'files, folders with all files in them, and globs')
  .option(
    '--into <folder>',
    'where to write the index, in parts that are in order; new or empty. Without it, the words of most files are shown',
  )
  .option('--workers <n>', 'map and reduce on so many workers', positive, 1)
  .addOption(
    new Option('--kind <kind>', 'what several workers are').choices(['process', 'thread']).default('process'),
  )
  .action(run)
  .parseAsync()

async function run(paths: readonly string[], { into, workers: count, kind }: Options): Promise<void> {
  const { signal } = interrupt
  try {
    const config = defineRuntime(count > 1 ? { workers: { kind, count } } : {})
    await using runtime = await start(config, invertedIndex.app)
    const input = paths.length > 0 ? paths : [documents]
    const { records, skipped } = await (into === undefined
      ? show(runtime, input)
      : invertedIndex.run(runtime, { input, output: { folder: into }, unreadable: 'skip', signal }))
    for (const { file, problem } of skipped) console.error(`${file}: ${problem}`)
    if (skipped.length > 0) process.exitCode = 1
    console.log(`${records.toLocaleString('en')} lines indexed${into === undefined ? '' : `, into ${into}`}`)
  } catch (error) {
    process.exitCode = signal.aborted ? Number(signal.reason) : 1
    const isExpected = error instanceof StigmergyError
    console.error(signal.aborted ? 'Interrupted' : isExpected ? `${error.code}: ${error.message}` : error)
  }
}

/** Prints the words that are in most files. Holds no more of the index than these. */
async function show(runtime: Runtime, input: readonly string[]): Promise<JobReport> {
  const top: (readonly [word: string, postings: Postings])[] = []
  const report = await invertedIndex.run(runtime, {
    ...{ input, unreadable: 'skip', signal: interrupt.signal },
    output: (word, postings) => {
      if (top.length === mostShown && postings.length <= top.at(-1)![1].length) return
      top.push([word, postings])
      top.sort(([, one], [, other]) => other.length - one.length)
      top.length = Math.min(top.length, mostShown)
    },
  })
  for (const [word, postings] of top) console.log(`${word}: ${postings.length} files`)
  return report
}

function positive(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number, 1 or more.')
}
