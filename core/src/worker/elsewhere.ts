import type { Attempt } from './attempt.js'

/** Other workers that run functions for this one, as this one sees them. */
export interface Elsewhere {
  /** How many there are to be. */
  readonly workers: number
  /** Whether one of them should be given more. */
  readonly hasRoom: boolean
  /** The worker whose message is being handled: what it causes is best run there, too. */
  readonly speaking: number | undefined
  /** Runs an attempt; settles when it has ended there, or was given up here. */
  run(attempt: Attempt): Promise<void>
  connect(host: ElsewhereHost): void
}

/** What they tell the worker that they run for. */
export interface ElsewhereHost {
  now(): number
  /** The function of the attempt has begun: its time runs from now on. */
  begun(attempt: Attempt): void
  /** Some worker may be given more. */
  roomMade(): void
}
