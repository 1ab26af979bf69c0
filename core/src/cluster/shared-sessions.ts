import type { Outcome } from '../contract/index.js'
import { StigmergyError } from '../errors.js'
import type { SentError } from '../node/sent-error.js'
import type { SentValue } from './shared-object.js'

/** A request as it travels and as it is kept. */
export interface SentRequest {
  readonly session: string
  readonly app: string
  readonly fn: string
  readonly args: SentValue
  /** When it was asked for, ms since epoch. */
  readonly at: number
  /** Size of the arguments to account for. */
  readonly bytes: number
  /** ms since epoch after which the session expires; undefined for never. */
  readonly deadlineAt: number | undefined
}

/** What a session has replied, or how it failed before it had. */
export type SentReply = { readonly value: SentValue } | { readonly error: SentError }

/** How a session ended. */
export interface SentEnd {
  readonly outcome: Outcome
  readonly error?: SentError | undefined
}

/** A session of the cluster, as the holder of its shard knows it. */
export interface SharedSession {
  readonly request: SentRequest
  /** The first that came; there is no second. */
  reply: SentReply | undefined
  end: SentEnd | undefined
  /** ms since epoch; 0 while it has not. */
  endedAt: number
  /** Set when somebody wants it to end. */
  cancelled: boolean
}

/**
 * The sessions of one shard: what was asked for, and what came of it. A deterministic machine, as the buckets are. A session that
 * has ended is remembered for a while, so that who asks again gets the same answer and nothing runs twice.
 */
export class SharedSessions {
  readonly #sessions: Map<string, SharedSession>
  #open = 0

  constructor(
    /** Sessions that may be open at once. */
    readonly limit: number,
    state: readonly SharedSession[] = [],
  ) {
    this.#sessions = new Map(state.map((session) => [session.request.session, session]))
    for (const { end } of state) if (end === undefined) this.#open += 1
  }

  get state(): readonly SharedSession[] {
    return [...this.#sessions.values()]
  }

  /** Those that have not ended. */
  get openCount(): number {
    return this.#open
  }

  *open(): Generator<SharedSession, void, undefined> {
    for (const session of this.#sessions.values()) if (session.end === undefined) yield session
  }

  find(id: string): SharedSession | undefined {
    return this.#sessions.get(id)
  }

  /** A request, which may be a repeated one. Throws `STG_SESSION_LIMIT`. */
  request(request: SentRequest): SharedSession {
    const known = this.#sessions.get(request.session)
    if (known !== undefined) return known
    if (this.#open >= this.limit) throw limitReached(this.limit)
    const session: SharedSession = {
      request,
      reply: undefined,
      end: undefined,
      endedAt: 0,
      cancelled: false,
    }
    this.#sessions.set(request.session, session)
    this.#open += 1
    return session
  }

  /** Whether this was the first reply: only that is given. */
  replied(id: string, reply: SentReply): boolean {
    const session = this.#sessions.get(id)
    if (session === undefined || session.reply !== undefined || session.end !== undefined) return false
    session.reply = reply
    return true
  }

  cancel(id: string): void {
    const session = this.#sessions.get(id)
    if (session !== undefined) session.cancelled = true
  }

  /** Whether it had not ended before. */
  ended(at: number, id: string, end: SentEnd): boolean {
    const session = this.#sessions.get(id)
    if (session === undefined || session.end !== undefined) return false
    session.end = end
    session.endedAt = at
    this.#open -= 1
    return true
  }

  /** Forgets those that ended up to a moment, oldest first, so many at most; what they replied with. */
  forget(endedUpTo: number, most: number): readonly SharedSession[] {
    const forgotten: SharedSession[] = []
    for (const session of this.#sessions.values()) {
      if (forgotten.length >= most) break
      if (session.end === undefined || session.endedAt > endedUpTo) continue
      this.#sessions.delete(session.request.session)
      forgotten.push(session)
    }
    return forgotten
  }
}

function limitReached(limit: number): StigmergyError {
  return new StigmergyError(
    'STG_SESSION_LIMIT',
    `${limit} sessions of one shard are open, the limit; try again later, or raise maxSessionsPerShard of the cluster.`,
    { retryable: true, details: { limit } },
  )
}
