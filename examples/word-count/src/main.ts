import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type Count, count as countWords } from './count.js'
import { findTexts, PathMissing, type Unreadable } from './files.js'
import { amount, size } from './format.js'
import { showProgress } from './progress.js'
import { asJson, asText } from './report.js'
import { Spool } from './spool.js'

interface Options {
  readonly top: number
  readonly json?: true
  readonly workers?: number
  readonly kind: 'process' | 'thread'
}

const mostWarnings = 20
const repository = fileURLToPath(new URL('../../../', import.meta.url))

const interrupt = new AbortController()
process.on('SIGINT', () => interrupt.abort(130))
process.on('SIGTERM', () => interrupt.abort(143))
process.stdout.on('error', stopWriting)

await new Command('word-count')
  .description(
    'Counts words: runs of Unicode letters and digits, in lower case.\n' +
      'Without paths: in all Markdown and text files of this repository and of its installed dependencies.',
  )
  .argument(
    '[path...]',
    'a file; a folder, for the .md, .markdown and .txt files in it; or - for the standard input',
  )
  .option('--top <n>', 'how many of the most frequent words to print', wholeNumber, 20)
  .option('--workers <n>', 'map and reduce on so many workers; without it, on one event loop', wholeNumber)
  .addOption(
    new Option('--kind <kind>', 'what the workers are').choices(['process', 'thread']).default('process'),
  )
  .option('--json', 'print one JSON object: { total, distinct, top, stats }')
  .action(run)
  .parseAsync()

async function run(paths: readonly string[], options: Options): Promise<void> {
  try {
    const counted = await countWithProgress(paths.length > 0 ? paths : [repository], options)
    console.log(options.json ? asJson(counted) : asText(counted))
    warnOf(counted.unreadable)
  } catch (error) {
    fail(error)
  }
}

async function countWithProgress(
  paths: readonly string[],
  { top, workers: count = 0, kind }: Options,
): Promise<Count> {
  const { signal } = interrupt
  await using spool = new Spool(signal)
  const texts = await findTexts(paths, spool)
  signal.throwIfAborted()
  console.error(`Counting ${size(texts.bytes)} in ${amount(texts.files.length, 'file')}`)
  using progress = showProgress(process.stderr, texts.bytes)
  const workers = count === 0 ? undefined : { kind, count }
  return await countWords(texts, { top, workers, signal, onBytes: (bytes) => progress.add(bytes) })
}

function warnOf(unreadable: readonly Unreadable[]): void {
  if (unreadable.length === 0) return
  for (const { path, problem } of unreadable.slice(0, mostWarnings)) console.error(`${path}: ${problem}`)
  console.error(
    `${amount(unreadable.length, 'file or folder', 'files or folders')} could not be read; the rest is counted.`,
  )
  process.exitCode = 1
}

function fail(error: unknown): void {
  const { signal } = interrupt
  process.exitCode = signal.aborted ? Number(signal.reason) : 1
  if (signal.aborted) console.error('Interrupted')
  else console.error(error instanceof PathMissing ? error.message : error)
}

function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number, 0 or more.')
}

/** A reader that has seen enough, such as `head`, is no failure. */
function stopWriting(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit()
  throw error
}
