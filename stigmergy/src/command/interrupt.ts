const numbers = { SIGINT: 2, SIGTERM: 15 } as const

/** What the user wants by a signal: to let work finish, and, by a second one, not even that. */
export class Interrupt implements Disposable {
  readonly #first = new AbortController()
  readonly #second = new AbortController()
  readonly #listeners = (Object.keys(numbers) as (keyof typeof numbers)[]).map((signal) => {
    const listener = (): void => this.#hear(signal)
    process.on(signal, listener)
    return () => void process.off(signal, listener)
  })

  /** Aborts with the first signal. */
  get wantsEnd(): AbortSignal {
    return this.#first.signal
  }

  /** Aborts with the second. */
  get wantsEndNow(): AbortSignal {
    return this.#second.signal
  }

  /** The exit code that the first signal asks for; undefined as long as there was none. */
  get exitCode(): number | undefined {
    return this.#first.signal.aborted ? 128 + Number(this.#first.signal.reason) : undefined
  }

  [Symbol.dispose](): void {
    for (const stop of this.#listeners) stop()
  }

  #hear(signal: keyof typeof numbers): void {
    if (this.#first.signal.aborted) this.#second.abort()
    else this.#first.abort(numbers[signal])
  }
}
