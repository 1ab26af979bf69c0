import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { check } from './check.js'
import { generate } from './generate.js'
import { ProgressLine } from './progress.js'
import { recordBytes } from './record.js'
import { bytesOf, sizeOf } from './size.js'
import { sort, type Sorted, type Workers } from './sort.js'

interface Options {
  readonly input?: string
  readonly output?: string
  readonly size: number
  readonly seed: number
  readonly memory: number
  readonly workers: number
  readonly kind: Workers['kind']
  readonly temporary: string
  readonly generate?: true
  readonly keep?: true
  readonly check?: true
  readonly checkOnly?: true
  readonly json?: true
}

const interrupt = new AbortController()
process.on('SIGINT', () => interrupt.abort(130))
process.on('SIGTERM', () => interrupt.abort(143))

await new Command('sort')
  .description(
    `Sorts a file of records of ${recordBytes} bytes by their first ten bytes.\n` +
      'Without --input: generates one, sorts it, checks the result and removes both.',
  )
  .option('--input <file>', 'the records to sort')
  .option('--output <file>', 'where to write them')
  .option('--size <bytes>', 'how much to generate without --input, such as 1G', bytes, 100e6)
  .option('--seed <n>', 'what to generate; the same seed gives the same file', wholeNumber, 1)
  .option('--memory <bytes>', 'for all workers together', bytes, 256e6)
  .option('--workers <n>', 'how many', positive, 1)
  .addOption(new Option('--kind <kind>', 'what workers are').choices(['thread', 'process']).default('thread'))
  .option('--temporary <folder>', 'where records stand between map and reduce', tmpdir())
  .option('--generate', 'only generate, into --output')
  .option('--keep', 'do not remove what was generated, and its sorted copy')
  .option('--check', 'check that the output is sorted and has the records of the input')
  .option('--check-only', 'the same for an output that is there already')
  .option(
    '--json',
    'print one JSON object: { records, bytes, ms, megabytesPerSecond, peakMemoryBytes, checked }',
  )
  .action(run)
  .parseAsync()

async function run(options: Options): Promise<void> {
  try {
    if (options.generate) await generateInto(options)
    else if (options.input === undefined) await sortGenerated(options)
    else if (options.checkOnly) await check(options.input, outputOf(options))
    else await sortGiven(options, options.input)
  } catch (error) {
    const { signal } = interrupt
    process.exitCode = signal.aborted ? Number(signal.reason) : 1
    console.error(signal.aborted ? 'Interrupted' : error instanceof Error ? error.message : error)
  }
}

async function generateInto(options: Options): Promise<void> {
  await generate(outputOf(options), Math.floor(options.size / recordBytes), options.seed)
}

function outputOf({ output }: Options): string {
  if (output !== undefined) return output
  throw new Error('--input and --generate need --output <file>')
}

async function sortGenerated(options: Options): Promise<void> {
  const folder = await mkdtemp(join(options.temporary, 'stigmergy-sort-'))
  const input = join(folder, 'records')
  try {
    await generate(input, Math.floor(options.size / recordBytes), options.seed)
    await sortGiven({ output: join(folder, 'sorted'), ...options, check: true }, input)
    if (options.keep) console.error(`Kept in ${folder}`)
  } finally {
    if (!options.keep) await rm(folder, { recursive: true, force: true })
  }
}

async function sortGiven(options: Options, input: string): Promise<void> {
  const output = outputOf(options)
  const sorted = await sortWithProgress(options, input, output)
  const peakMemoryBytes = process.resourceUsage().maxRSS * 1_024
  if (options.check) await check(input, output)
  console.log(reportOf(sorted, peakMemoryBytes, options))
}

async function sortWithProgress(options: Options, input: string, output: string): Promise<Sorted> {
  using line = new ProgressLine(process.stderr)
  return await sort({
    input,
    output,
    temporary: options.temporary,
    memoryBytes: options.memory,
    workers: { kind: options.kind, count: options.workers },
    signal: interrupt.signal,
    onProgress: (done) => line.report('Sorting', done),
  })
}

function reportOf(
  { records, ms }: Sorted,
  peakMemoryBytes: number,
  { json, check: checked }: Options,
): string {
  const size = records * recordBytes
  const perSecond = (size * 1_000) / ms
  if (json)
    return JSON.stringify({
      records,
      bytes: size,
      ms,
      megabytesPerSecond: perSecond / 1e6,
      peakMemoryBytes,
      checked: checked === true,
    })
  return [
    `${records.toLocaleString('en')} records of ${sizeOf(size)} sorted in ${(ms / 1_000).toFixed(2)} s`,
    `${sizeOf(perSecond)} a second, ${sizeOf(peakMemoryBytes)} memory at most`,
    ...(checked ? ['checked: in order, and none lost'] : []),
  ].join('\n')
}

function bytes(text: string): number {
  const found = bytesOf(text)
  if (found !== undefined) return found
  throw new InvalidArgumentError('It must be a number of bytes such as 64M or 1G.')
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number, 0 or more.')
}

function positive(text: string): number {
  const number = wholeNumber(text)
  if (number > 0) return number
  throw new InvalidArgumentError('It must be 1 or more.')
}
