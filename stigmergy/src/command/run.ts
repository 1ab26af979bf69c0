import { inspect } from 'node:util'
import type { Command } from 'commander'
import { type Runtime, start } from 'stigmergy'
import type { Desk } from './desk.js'
import { endOnSignal } from './end-on-signal.js'
import { entryOf, entryOption } from './entry.js'
import { failureData, failureLines } from './failure.js'
import { inputArgument, valuesOf } from './inputs.js'
import { Interrupt } from './interrupt.js'
import { appArgument, loadApp } from './load-app.js'
import { loadConfig, withConfig } from './load-config.js'
import { EventLog } from './log/event-log.js'
import { onWorkers, withWorkers, type WorkerOptions } from './on-workers.js'
import { wholeNumber } from './numbers.js'

interface Options extends WorkerOptions {
  readonly config?: string
  readonly fn?: string
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
    .summary('run a function of an app for each input')
    .description('Runs a function of an app, once for each input.')
  withWorkers(withConfig(command))
    .argument('<app>', appArgument)
    .argument('[inputs...]', inputArgument)
    .option('--fn <name>', entryOption)
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
  const runtime = await start(onWorkers(definition, app, options), app)
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
