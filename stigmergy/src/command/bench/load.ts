import { createHistogram } from 'node:perf_hooks'
import { type Runtime, StigmergyError } from 'stigmergy'

/** Requests that have failed for one reason. */
export interface Failures {
  readonly error: unknown
  count: number
}

/** What a runtime has done under load. */
export interface Measured {
  /** Requests whose sessions have ended. */
  readonly requests: number
  /** By codes, or names of errors that have none. Of each the first is kept. */
  readonly failures: ReadonlyMap<string, Failures>
  /** From the first request to the end of the last session. */
  readonly ms: number
  readonly firings: number
  readonly runs: number
  readonly deadLetters: number
  /** ms from a request to its reply, or to the end of a session that gives none, of those that succeeded; undefined when none did. */
  readonly latency: Latency | undefined
}

/** In ms, to three figures. */
export interface Latency {
  readonly median: number
  readonly p99: number
  readonly max: number
}

export interface LoadOptions {
  readonly runtime: Runtime
  readonly fn: string
  /** What the function is run with, in turn. */
  readonly inputs: readonly unknown[]
  /** Sessions that are open at a time. */
  readonly concurrency: number
  /** Begins no more requests when it aborts. */
  readonly signal: AbortSignal
}

/** Requests, as many at a time as there may be. Keeps no more of each than it needs for what it tells. */
export class Load {
  readonly #options: LoadOptions
  readonly #latencies = createHistogram()
  readonly #failures = new Map<string, Failures>()
  #begun = 0
  #ended = 0

  constructor(options: LoadOptions) {
    this.#options = options
  }

  /** Requests whose sessions have ended. */
  get ended(): number {
    return this.#ended
  }

  /** Makes so many requests; resolves when their sessions have ended. */
  async run(requests: number): Promise<Measured> {
    const { runtime, concurrency } = this.#options
    const before = runtime.stats
    const begunAt = performance.now()
    await Promise.all(Array.from({ length: Math.min(concurrency, requests) }, () => this.#lane(requests)))
    const ms = performance.now() - begunAt
    const after = runtime.stats
    return {
      requests: this.#ended,
      failures: this.#failures,
      ms,
      firings: after.firings - before.firings,
      runs: after.invocations.started - before.invocations.started,
      deadLetters: after.deadLetters - before.deadLetters,
      latency: this.#latency(),
    }
  }

  async #lane(requests: number): Promise<void> {
    while (this.#begun < requests && !this.#options.signal.aborted) await this.#request()
  }

  async #request(): Promise<void> {
    const { runtime, fn, inputs } = this.#options
    const input = inputs[this.#begun % inputs.length]
    this.#begun += 1
    const begunAt = performance.now()
    const session = runtime.invoke(fn, input)
    await session.result.catch(() => undefined) // `ended` tells why
    const ns = Math.max(1, Math.round((performance.now() - begunAt) * 1e6))
    const { outcome, error } = await session.ended
    this.#ended += 1
    if (outcome === 'succeeded') this.#latencies.record(ns)
    else this.#fail(error)
  }

  #fail(error: unknown): void {
    const reason = reasonOf(error)
    const known = this.#failures.get(reason)
    if (known === undefined) this.#failures.set(reason, { error, count: 1 })
    else known.count += 1
  }

  #latency(): Latency | undefined {
    const { count, max } = this.#latencies
    if (count === 0) return undefined
    const at = (percentile: number): number => this.#latencies.percentile(percentile) / 1e6
    return { median: at(50), p99: at(99), max: max / 1e6 }
  }
}

function reasonOf(error: unknown): string {
  if (StigmergyError.is(error)) return error.code
  return error instanceof Error ? error.name : 'Error'
}
