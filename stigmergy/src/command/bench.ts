import type { Command } from 'commander'
import { type App, type RuntimeDefinition, start } from 'stigmergy'
import { Load, type LoadOptions, type Measured } from './bench/load.js'
import { benchData, benchLines, failed } from './bench/report.js'
import { counted } from './counted.js'
import type { Desk } from './desk.js'
import { endOnSignal } from './end-on-signal.js'
import { entryOf, entryOption } from './entry.js'
import { failureLines } from './failure.js'
import { inputArgument, valuesOf } from './inputs.js'
import { Interrupt } from './interrupt.js'
import { appArgument, loadApp } from './load-app.js'
import { loadConfig, withConfig } from './load-config.js'
import { wholeNumber, wholeNumberOrNone } from './numbers.js'
import { onWorkers, withWorkers, type WorkerOptions } from './on-workers.js'
import { UsageError } from './usage.js'

interface Options extends WorkerOptions {
  readonly config?: string
  readonly fn?: string
  readonly text?: true
  readonly requests: number
  readonly concurrency: number
  readonly warmUp?: number
}

/** How often people and logs are told how far it is. */
const progressMs = { watched: 200, unwatched: 10_000 }

/** `stigmergy bench`: how fast a runtime answers requests to an app. */
export function addBench(program: Command, desk: Desk): void {
  const command = program
    .command('bench')
    .summary('measure how fast an app answers requests')
    .description('Runs a function of an app over and over, and tells how fast its sessions are.')
  withWorkers(withConfig(command))
    .argument('<app>', appArgument)
    .argument('[inputs...]', `${inputArgument}; used in turn`)
    .option('--fn <name>', entryOption)
    .option('--text', 'inputs are texts, not JSON')
    .option('--requests <n>', 'sessions that are measured', wholeNumber, 1_000)
    .option('--concurrency <n>', 'sessions that are open at a time', wholeNumber, 10)
    .option('--warm-up <n>', 'sessions before those (default: a tenth as many)', wholeNumberOrNone)
    .action((app: string, inputs: readonly string[], options: Options) => bench(desk, app, inputs, options))
}

async function bench(desk: Desk, address: string, given: readonly string[], options: Options): Promise<void> {
  const app = await loadApp(address)
  const { definition } = await loadConfig(options.config)
  const fn = entryOf(app, options.fn)
  using interrupt = new Interrupt()
  const signal = interrupt.wantsEnd
  const inputs = await inputsOf(given, options, signal)
  const composed = onWorkers(definition, app, options)
  const runtime = await start(composed, app)
  const ending = endOnSignal(desk, runtime, interrupt)
  try {
    const load = { runtime, fn, inputs, concurrency: options.concurrency, signal }
    await new Load(load).run(options.warmUp ?? Math.ceil(options.requests / 10))
    await tell(desk, subjectOf(app, fn, composed, options), await watched(desk, load, options.requests))
  } finally {
    await (ending() ?? runtime.close({ now: true }))
  }
  if (interrupt.exitCode !== undefined) desk.exitCode = interrupt.exitCode
}

/** Not more of them than there are requests. */
async function inputsOf(
  given: readonly string[],
  { text, requests }: Options,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const inputs: unknown[] = []
  for await (const input of valuesOf(given, { asText: text === true, stdin: process.stdin, signal })) {
    inputs.push(input)
    if (inputs.length === requests) break
  }
  if (inputs.length === 0) throw new UsageError('There is no input: what the arguments name is empty.')
  return inputs
}

/** Measures, and tells how far it is: on one line of a terminal, or now and then. */
async function watched(desk: Desk, options: LoadOptions, requests: number): Promise<Measured> {
  const load = new Load(options)
  const say = (): void => {
    const text = `${load.ended} of ${counted(requests, 'request')} have ended`
    if (desk.isWatched) desk.progress(text)
    else desk.tell(text)
  }
  if (desk.isWatched) say()
  const timer = setInterval(say, desk.isWatched ? progressMs.watched : progressMs.unwatched)
  try {
    return await load.run(requests)
  } finally {
    clearInterval(timer)
    desk.progress('')
  }
}

async function tell(
  desk: Desk,
  { text, data }: ReturnType<typeof subjectOf>,
  measured: Measured,
): Promise<void> {
  await desk.result([text, ...benchLines(measured)].join('\n'), { ...data, ...benchData(measured) })
  if (failed(measured) === 0) return
  desk.failed()
  if (desk.json) return
  for (const { error } of measured.failures.values())
    for (const line of failureLines(error, desk.verbose)) desk.tell(line)
}

/** What was measured on what. */
function subjectOf({ name }: App, fn: string, { workers }: RuntimeDefinition, { concurrency }: Options) {
  const place =
    workers === undefined ? 'this event loop' : `${counted(workers.count, 'worker')}, each a ${workers.kind}`
  return {
    text: `app ${name}, function ${fn}, on ${place}, ${counted(concurrency, 'session')} at a time`,
    data: { app: name, fn, workers: workers?.count ?? 0, kind: workers?.kind ?? null, concurrency },
  }
}
