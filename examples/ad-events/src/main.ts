import { Command, InvalidArgumentError } from 'commander'
import { lineOf, miscounted, reportOf } from './report.js'
import { stream } from './stream.js'

interface Options {
  readonly rate: number
  readonly seconds: number
  readonly campaigns: number
  readonly seed: number
}

const interrupt = new AbortController()
process.on('SIGINT', () => interrupt.abort(130))
process.on('SIGTERM', () => interrupt.abort(143))

await new Command('ad-events')
  .description('Counts the views of advertisements, by campaign and second, while they come in.')
  .option('--rate <n>', 'events a second', from(1), 10_000)
  .option('--seconds <n>', 'how long they come', from(1), 3)
  .option('--campaigns <n>', 'how many campaigns there are, of ten advertisements each', from(1), 100)
  .option('--seed <n>', 'which events come: the same for the same seed', from(0), 1)
  .action(run)
  .parseAsync()

async function run(options: Options): Promise<void> {
  const { signal } = interrupt
  const summary = await stream({ ...options, signal, onWindow: (window) => console.log(lineOf(window)) })
  console.log(reportOf(summary))
  if (miscounted(summary).length > 0) process.exitCode = 1
  if (signal.aborted) process.exitCode = Number(signal.reason)
}

/** Parses whole numbers that are not below `least`. */
function from(least: number): (text: string) => number {
  return (text) => {
    if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text)
    throw new InvalidArgumentError(`It must be a whole number from ${least}.`)
  }
}
