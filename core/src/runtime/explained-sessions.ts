import type { Partition } from '../bucket/partition.js'
import type { LiveSession } from '../session/live-session.js'
import type { SessionEnd } from './face.js'

/** A session that is over, with what is needed to explain it. */
export interface EndedSession {
  readonly id: string
  readonly end: SessionEnd
  readonly partitions: readonly Partition[]
}

/** The last sessions that have ended; the oldest is forgotten first. */
export class ExplainedSessions {
  readonly #sessions = new Map<string, EndedSession>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  keep({ id, partitions }: LiveSession, end: SessionEnd): void {
    this.#sessions.set(id, { id, end, partitions })
    if (this.#sessions.size <= this.#limit) return
    const oldest = this.#sessions.keys().next().value
    if (oldest !== undefined) this.#sessions.delete(oldest)
  }

  find(id: string): EndedSession | undefined {
    return this.#sessions.get(id)
  }
}
