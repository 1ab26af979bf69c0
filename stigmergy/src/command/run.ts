import { availableParallelism } from 'node:os'
import { inspect } from 'node:util'
import { type Command, Option } from 'commander'
import { type App, type Runtime, type RuntimeDefinition, start } from 'stigmergy'
import type { Desk } from './desk.js'
import { entryOf } from './entry.js'
import { EventLog } from './event-log.js'
import { failureData, failureLines } from './failure.js'
import { needsTypescript, typescriptLoader } from './import-file.js'
import { inputArgument, valuesOf } from './inputs.js'
import { Interrupt } from './interrupt.js'
import { appArgument, loadApp } from './load-app.js'
import { loadConfig, withConfig } from './load-config.js'
import { wholeNumber } from './numbers.js'

interface Options {
  readonly config?: string
  readonly fn?: string
  readonly workers?: number
  readonly kind?: 'thread' | 'process'
  readonly text?: true
  readonly concurrency: number
  readonly log?: string
}

/** Without a signal, what triggers hold may take as long as it takes: as long as a timer can run. */
const patienceMs = 2_147_483_647

/** `stigmergy run`: sessions of an app, one for each input. */
export function addRun(program: Command, desk: Desk): void {
  const command = program
    .command('run')
    .summary('run a function of an app, once for each input')
    .description('Runs a function of an app, once for each input.')
  withConfig(command)
    .argument('<app>', appArgument)
    .argument('[inputs...]', inputArgument)
    .option(
      '--fn <name>',
      'the function (default: the only one that the app hands out, or that no trigger runs)',
    )
    .option('--workers <n>', 'run functions on so many workers (default: as the config says)', wholeNumber)
    .addOption(
      new Option('--kind <kind>', 'what the workers are (default: as the config says, or process)').choices([
        'thread',
        'process',
      ]),
    )
    .option('--text', 'inputs are texts, not JSON')
    .option('--concurrency <n>', 'sessions that are open at a time', wholeNumber, 100)
    .option('--log <file>', 'write all that happens into a file, for explain and replay')
    .action((app: string, inputs: readonly string[], options: Options) => run(desk, app, inputs, options))
}

async function run(desk: Desk, address: string, inputs: readonly string[], options: Options): Promise<void> {
  const app = await loadApp(address)
  const { definition } = await loadConfig(options.config)
  const fn = entryOf(app, options.fn)
  using log = options.log === undefined ? undefined : new EventLog(options.log, app)
  using interrupt = new Interrupt()
  const runtime = await start(withWorkers(definition, app, options), app)
  log?.follow(runtime)
  const sessions = new Sessions(desk, runtime, fn)
  const ending = endOnSignal(desk, runtime, interrupt)
  try {
    const { text: asText = false, concurrency } = options
    const values = valuesOf(inputs, { asText, stdin: process.stdin, signal: interrupt.wantsEnd })
    await sessions.runAll(values, concurrency, interrupt.wantsEnd)
  } finally {
    await (ending() ?? runtime.close({ drainMs: patienceMs }))
  }
  if (interrupt.exitCode !== undefined) desk.exitCode = interrupt.exitCode
}

/** The definition with the workers that the command line asks for; they read what this process can read. */
function withWorkers(definition: RuntimeDefinition, app: App, options: Options): RuntimeDefinition {
  const { workers, kind } = options
  if (workers === undefined && kind === undefined && definition.workers === undefined) return definition
  const preload = needsTypescript(app.module ?? '') ? [typescriptLoader()] : []
  return definition.with((config) => ({
    ...config,
    workers: {
      ...config.workers,
      kind: kind ?? config.workers?.kind ?? 'process',
      count: workers ?? config.workers?.count ?? availableParallelism(),
      preload: [...preload, ...(config.workers?.preload ?? [])],
    },
  }))
}

/** Closes the runtime when the user wants it; gives the closing, if it has begun. */
function endOnSignal(
  desk: Desk,
  runtime: Runtime,
  { wantsEnd, wantsEndNow }: Interrupt,
): () => Promise<void> | undefined {
  let closing: Promise<void> | undefined
  wantsEnd.addEventListener('abort', () => {
    desk.tell('Finishing what runs; interrupt again to end at once.')
    closing = runtime.close()
    closing.catch(() => undefined)
  })
  wantsEndNow.addEventListener('abort', () => void runtime.close({ now: true }).catch(() => undefined))
  return () => closing
}

/** The sessions of a run: some at a time, told in the order of their inputs. */
class Sessions {
  readonly #own = new Set<string>()
  #begun = 0
  #ended = 0

  constructor(
    private readonly desk: Desk,
    private readonly runtime: Runtime,
    private readonly fn: string,
  ) {
    // What bucket-scoped triggers fire runs in sessions of its own.
    runtime.on((event) => {
      if (event.type !== 'session-ended' || this.#own.has(event.session) || event.outcome === 'succeeded')
        return
      if (event.outcome === 'cancelled') return
      desk.failed()
      const { code, name, message } = event.error ?? { name: 'Error', message: 'no reason is known' }
      desk.tell(`session ${event.session} ${event.outcome}: ${code ?? name}: ${message}`)
    })
  }

  async runAll(inputs: AsyncIterable<unknown>, concurrency: number, signal: AbortSignal): Promise<void> {
    const open: Promise<() => Promise<void>>[] = []
    try {
      for await (const input of inputs) {
        if (signal.aborted) break
        if (open.length >= concurrency) await (await open.shift()!)()
        if (signal.aborted) break
        open.push(this.#run(input))
      }
    } finally {
      for (const each of open) await (await each)()
      this.desk.progress('')
    }
  }

  /** Runs one session to its end; gives what tells of it. */
  async #run(input: unknown): Promise<() => Promise<void>> {
    const number = this.#begun
    this.#begun += 1
    const session = this.runtime.invoke(this.fn, input)
    const { id } = session
    this.#own.add(id)
    this.#showProgress()
    const result = await session.result.catch(() => undefined)
    const { outcome, error } = await session.ended
    this.#ended += 1
    this.#showProgress()
    this.#own.delete(id)
    const about = { input: number, session: id, outcome }
    return async () => {
      if (outcome === 'succeeded') return this.desk.result(shown(result), { ...about, result })
      this.desk.failed()
      if (this.desk.json) return this.desk.result('', { ...about, error: failureData(error) })
      const [head = '', ...rest] = failureLines(error, this.desk.verbose)
      for (const line of [`session ${id}, input ${number}, ${outcome}: ${head}`, ...rest])
        this.desk.tell(line)
    }
  }

  #showProgress(): void {
    this.desk.progress(`${this.#ended} of ${this.#begun} sessions have ended`)
  }
}

/** A result for people. */
function shown(result: unknown): string {
  return typeof result === 'string' ? result : inspect(result, { depth: 8, breakLength: 100 })
}
