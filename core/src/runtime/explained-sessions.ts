import type { Partition } from '../bucket/partition.js'
import type { LiveSession } from '../session/live-session.js'
import type { SessionEnd } from './face.js'

/** A session that is over, with what is needed to explain it. */
export interface EndedSession {
  readonly id: string
  readonly end: SessionEnd
  readonly partitions: readonly Partition[]
}

/** Partitions of all of them together; the last session to end may have more. */
const maxPartitions = 1_000

/** The last sessions that have ended; the oldest is forgotten first. */
export class ExplainedSessions {
  readonly #sessions = new Map<string, EndedSession>()
  readonly #limit: number
  #partitions = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  keep({ id, partitions }: LiveSession, end: SessionEnd): void {
    if (this.#limit === 0) return
    this.#forget(id)
    this.#sessions.set(id, { id, end, partitions })
    this.#partitions += partitions.length
    for (const oldest of this.#sessions.keys()) {
      if (!this.#isOverFull) return
      this.#forget(oldest)
    }
  }

  find(id: string): EndedSession | undefined {
    return this.#sessions.get(id)
  }

  get #isOverFull(): boolean {
    const { size } = this.#sessions
    return size > this.#limit || (size > 1 && this.#partitions > maxPartitions)
  }

  #forget(id: string): void {
    this.#partitions -= this.#sessions.get(id)?.partitions.length ?? 0
    this.#sessions.delete(id)
  }
}
