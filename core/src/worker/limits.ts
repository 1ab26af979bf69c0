import type { SessionLimits } from '../session/sessions.js'

/** What a worker holds at most. Each limit has a default and an answer: back-pressure, an error or an eviction that is counted. */
export interface WorkerLimits extends SessionLimits {
  /** Functions that run at the same time. Default 10,000. */
  readonly slots: number
  /** Firings that may wait, with the facts that triggers which are paused or halted cannot take; beyond it puts and requests get `STG_WORKER_BUSY`. Default 1,000,000. */
  readonly maxQueued: number
  /** Firings that may wait before puts from outside wait, too. Default 10,000. */
  readonly highWaterMark: number
  /** Dead letters kept; beyond it the oldest is dropped and counted. Default 10,000. */
  readonly maxDeadLetters: number
  /** Ended sessions whose triggers can still be explained. Default 32: what is kept has to survive garbage collections. */
  readonly maxExplained: number
}

export const defaultLimits: WorkerLimits = {
  slots: 10_000,
  maxQueued: 1_000_000,
  highWaterMark: 10_000,
  maxDeadLetters: 10_000,
  maxExplained: 32,
  maxSessions: 1_000_000,
  sessionTombstoneMs: 600_000,
  maxTombstones: 100_000,
  sessionIdleMs: 60_000,
}
