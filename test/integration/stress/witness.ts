import { inspect } from 'node:util'
import { type RunningTrigger, type RuntimeEvent, StigmergyError } from 'stigmergy'

/** Sees all that happens in one trial, and notes what must not. */
export class Witness {
  /** What must not have happened. */
  readonly problems: string[] = []
  readonly #firings = new Set<string>()
  readonly #live = new Set<string>()
  /** How many sessions of each name there have been: the firings of each are numbered from 0. */
  readonly #begun = new Map<string, number>()
  readonly #triggers = new Map<string, RunningTrigger>()
  readonly #pending = new Set<string>()
  readonly #onRejection = (error: unknown): void => this.#note('unhandled rejection', error)
  readonly #onWarning = (warning: Error): void => this.#note('warning', warning)
  #promises = 0

  constructor() {
    process.on('unhandledRejection', this.#onRejection)
    process.on('warning', this.#onWarning)
  }

  /** The promises that have not settled, by what they were asked for. */
  get pending(): readonly string[] {
    return [...this.#pending]
  }

  /** Sessions that have begun and not ended. */
  get live(): number {
    return this.#live.size
  }

  /** Ends the watch. */
  end(): void {
    process.off('unhandledRejection', this.#onRejection)
    process.off('warning', this.#onWarning)
  }

  /** A promise that a caller outside got: it has to settle, and may only fail with a coded error. */
  promised(what: string, promise: Promise<unknown>): void {
    const name = `${what} (promise ${(this.#promises += 1)})`
    this.#pending.add(name)
    promise.then(
      () => void this.#pending.delete(name),
      (error: unknown) => {
        this.#pending.delete(name)
        this.failed(what, error)
      },
    )
  }

  /** A call has thrown: it may only throw coded errors. */
  failed(what: string, error: unknown): void {
    if (!StigmergyError.is(error)) this.#note(what, error)
  }

  expect(holds: boolean, what: string): void {
    if (!holds) this.problems.push(what)
  }

  saw(event: RuntimeEvent): void {
    const { type, session } = event
    if (type === 'trigger-fired') {
      const firing = `${event.firing} of ${this.#begun.get(event.partition.session ?? '') ?? 0}`
      this.expect(!this.#firings.has(firing), `firing ${firing} twice`)
      this.#firings.add(firing)
    }
    if (type === 'session-began') {
      this.expect(!this.#live.has(session), `session ${session} begins twice`)
      this.#live.add(session)
      this.#begun.set(session, (this.#begun.get(session) ?? 0) + 1)
    }
    if (type === 'session-ended') this.expect(this.#live.delete(session), `session ${session} ends twice`)
  }

  /** Triggers whose ledgers are to balance, also after they have been removed. */
  audit(bucket: string, triggers: readonly RunningTrigger[]): void {
    for (const trigger of triggers) this.#triggers.set(`${bucket} ${trigger.id}`, trigger)
    for (const { id, ledger } of this.#triggers.values()) {
      const disposed = Object.values(ledger.disposed).reduce((sum, count) => sum + count, 0)
      this.expect(
        ledger.admitted === ledger.fired + disposed + ledger.pending,
        `the ledger of ${id} does not balance: ${JSON.stringify(ledger)}`,
      )
    }
  }

  #note(what: string, error: unknown): void {
    this.problems.push(`${what}: ${error instanceof Error ? String(error.stack) : inspect(error)}`)
  }
}
