import { inspect } from 'node:util'
import { type ObjectRef, type RunningTrigger, type RuntimeEvent, StigmergyError } from 'stigmergy'

/** Sees all that happens in one trial, and notes what must not. */
export class Witness {
  /** What must not have happened. */
  readonly problems: string[] = []
  readonly #firings = new Set<string>()
  /** Requests by their ids. */
  readonly #requests = new Set<string>()
  readonly #live = new Set<string>()
  /** How many sessions of each name there have been. */
  readonly #lives = new Map<string, number>()
  /** The life in which each object was put, by bucket and place. */
  readonly #lifeOf = new Map<string, string>()
  /** Lives that have ended without being cut short. */
  readonly #completed = new Set<string>()
  /** Live sessions to which something else has happened than to begin. */
  readonly #touched = new Set<string>()
  /** How many puts from outside there are into each session. */
  readonly #puts = new Map<string, number>()
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

  /** The caller does something else with a session than to put into it. */
  touched(session: string | undefined): void {
    if (session !== undefined) this.#touched.add(session)
  }

  /** A put from outside begins: if it is refused, and was all that there was of its session, then the session is gone. */
  putting(session: string): { readonly ended: () => void; readonly refused: () => void } {
    this.#puts.set(session, (this.#puts.get(session) ?? 0) + 1)
    const ended = (): void => void this.#puts.set(session, this.#puts.get(session)! - 1)
    const refused = (): void => {
      ended()
      const isLeft = this.#live.has(session) && !this.#touched.has(session) && this.#puts.get(session) === 0
      this.expect(!isLeft, `a put that was refused leaves session ${session}`)
    }
    return { ended, refused }
  }

  expect(holds: boolean, what: string): void {
    if (!holds) this.problems.push(what)
  }

  saw(event: RuntimeEvent): void {
    const { type, session } = event
    if (type === 'trigger-fired') {
      this.expect(!this.#firings.has(event.firing), `firing ${event.firing} twice`)
      this.#firings.add(event.firing)
    }
    if (type === 'function-started' && event.attempt === 1 && !this.#firings.has(event.invocation)) {
      this.expect(!this.#requests.has(event.invocation), `request ${event.invocation} twice`)
      this.#requests.add(event.invocation)
    }
    if (type === 'session-began') {
      this.expect(!this.#live.has(session), `session ${session} begins twice`)
      this.#live.add(session)
      this.#lives.set(session, (this.#lives.get(session) ?? 0) + 1)
      this.#touched.delete(session)
    } else this.#touched.add(session)
    if (type === 'session-ended') {
      this.expect(this.#live.delete(session), `session ${session} ends twice`)
      if (event.outcome === 'succeeded' || event.outcome === 'failed')
        this.#completed.add(this.#life(session))
    }
    if (type === 'object-put') this.#lifeOf.set(placeOf(event.object), this.#life(session))
    if (type === 'object-disposed' && event.reason === 'session-ended') {
      const life = this.#lifeOf.get(placeOf(event.object)) ?? ''
      this.expect(!this.#completed.has(life), `an object of ${life} goes with another session`)
    }
  }

  #life(session: string): string {
    return `${session} ${this.#lives.get(session) ?? 0}`
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

function placeOf({ bucket, seq }: ObjectRef): string {
  return `${bucket} ${seq}`
}
