import { Command, InvalidArgumentError, Option } from 'commander'
import { defineRuntime, start, StigmergyError } from 'stigmergy'
import { invertedIndex } from './job.js'

interface Options {
  readonly into: string
  readonly workers: number
  readonly kind: 'process' | 'thread'
}

const interrupt = new AbortController()
process.on('SIGINT', () => interrupt.abort(130))
process.on('SIGTERM', () => interrupt.abort(143))

await new Command('inverted-index')
  .description(
    'Lists, for each word of text files, the files that it occurs in, and in how many of their lines.\n' +
      'Words are runs of Unicode letters and digits, in lower case.',
  )
  .argument('<path...>', 'files, folders with all files in them, and globs')
  .requiredOption('--into <folder>', 'where to write the index, in parts that are in order; new or empty')
  .option('--workers <n>', 'map and reduce on so many workers', positive, 1)
  .addOption(
    new Option('--kind <kind>', 'what several workers are').choices(['process', 'thread']).default('process'),
  )
  .action(run)
  .parseAsync()

async function run(input: readonly string[], { into, workers: count, kind }: Options): Promise<void> {
  const { signal } = interrupt
  try {
    const config = defineRuntime(count > 1 ? { workers: { kind, count } } : {})
    await using runtime = await start(config, invertedIndex.app)
    const { records, skipped, partitions } = await invertedIndex.run(runtime, {
      input,
      output: { folder: into },
      unreadable: 'skip',
      signal,
    })
    for (const { file, problem } of skipped) console.error(`${file}: ${problem}`)
    if (skipped.length > 0) process.exitCode = 1
    console.log(`${records.toLocaleString('en')} lines indexed, into ${partitions.length} parts in ${into}`)
  } catch (error) {
    process.exitCode = signal.aborted ? Number(signal.reason) : 1
    const isExpected = error instanceof StigmergyError
    console.error(signal.aborted ? 'Interrupted' : isExpected ? `${error.code}: ${error.message}` : error)
  }
}

function positive(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number, 1 or more.')
}
