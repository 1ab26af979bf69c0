import type { Attempt } from './attempt.js'

/** Other workers that run functions for this one, as this one sees them. */
export interface Elsewhere {
  /** How many there are to be. */
  readonly workers: number
  /** Whether one of them should be given more. */
  readonly hasRoom: boolean
  /** The worker whose message is being handled: what it causes is best run there, too. */
  readonly speaking: number | undefined
  /** Runs an attempt. Its host is told how it ended, unless it was given up here before. */
  run(attempt: Attempt): void
  connect(host: ElsewhereHost): void
}

/** What they tell the worker that they run for. */
export interface ElsewhereHost {
  now(): number
  /** The function of the attempt has begun: its time runs from now on. */
  begun(attempt: Attempt): void
  ended(attempt: Attempt): void
  failed(attempt: Attempt, error: unknown): void
  /** Some worker may be given more. */
  roomMade(): void
}
