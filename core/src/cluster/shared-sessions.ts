import type { PutOptions } from '../app/handles.js'
import type { Outcome, Producer } from '../contract/index.js'
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

/** A session that a put has opened by its name: nothing runs in it but what its triggers fire. */
interface OpenedByPut {
  readonly session: string
  /** That of the bucket of the first put. */
  readonly app: string
  readonly fn: undefined
}

/** How a session began. */
export type SessionStart = SentRequest | OpenedByPut

/** A put into a session by its name, as it travels and as it is kept. */
export interface SentPut {
  readonly session: string
  readonly app: string
  readonly bucket: string
  readonly key: string
  /** Whether the key was made for it, so that nobody else puts under it. */
  readonly keyIsOwn: boolean
  readonly value: SentValue
  /** Size of the value to account for. */
  readonly bytes: number
  /** Its invocation is this put's own, and tells it from all others. */
  readonly producer: Producer
  readonly options: PutOptions
}

/** What has become of the end that a node told of. */
export type EndRecord =
  /** It counts, or one before it does; nobody needs the values of these puts any more. */
  | { readonly ended: true; readonly freed: readonly SentPut[] }
  /** Objects were admitted, and their putters know, that this life of the session has not seen. */
  | { readonly ended: false; readonly puts: readonly SentPut[] }

/** What a session has replied, or how it failed before it had. */
export type SentReply = { readonly value: SentValue } | { readonly error: SentError }

/** How a session ended. */
export interface SentEnd {
  readonly outcome: Outcome
  readonly error?: SentError | undefined
}

/** A session of the cluster, as the holder of its shard knows it. */
export interface SharedSession {
  readonly start: SessionStart
  /** Those that were admitted while it was open, by the names of their invocations, in that order: whoever runs it again puts them again. */
  puts: Map<string, SentPut>
  /** The first that came; there is no second. */
  reply: SentReply | undefined
  end: SentEnd | undefined
  /** ms since epoch; 0 while it has not. */
  endedAt: number
  /** Set when somebody wants it to end. */
  cancelled: boolean
}

/** A session as plain data. */
export type SharedSessionState = Omit<SharedSession, 'puts'> & { readonly puts: readonly SentPut[] }

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
    state: readonly SharedSessionState[] = [],
  ) {
    this.#sessions = new Map(
      state.map((session) => [session.start.session, { ...session, puts: byInvocation(session.puts) }]),
    )
    for (const { end } of state) if (end === undefined) this.#open += 1
  }

  get state(): readonly SharedSessionState[] {
    return [...this.#sessions.values()].map((session) => ({ ...session, puts: [...session.puts.values()] }))
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

  /** A request, or a first put, which may be a repeated one. Throws `STG_SESSION_LIMIT`. */
  begin(start: SessionStart): SharedSession {
    const known = this.#sessions.get(start.session)
    if (known !== undefined) return known
    if (this.#open >= this.limit) throw limitReached(this.limit)
    const session: SharedSession = {
      start,
      puts: new Map(),
      reply: undefined,
      end: undefined,
      endedAt: 0,
      cancelled: false,
    }
    this.#sessions.set(start.session, session)
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

  /** A put was admitted where the session is at home, and its putter is about to know. */
  admitted(put: SentPut): void {
    const session = this.#sessions.get(put.session)
    if (session === undefined || session.end !== undefined) return
    session.puts.set(put.producer.invocation, put)
  }

  /** `seen` names the puts that were admitted in the life that has ended; undefined when that does not matter. */
  ended(at: number, id: string, end: SentEnd, seen: readonly string[] | undefined): EndRecord {
    const session = this.#sessions.get(id)
    if (session === undefined || session.end !== undefined) return { ended: true, freed: [] }
    const { puts } = session
    if (end.outcome === 'succeeded' && seen !== undefined && !isSeen(puts, seen))
      return { ended: false, puts: [...puts.values()] }
    session.puts = new Map()
    session.end = end
    session.endedAt = at
    this.#open -= 1
    return { ended: true, freed: [...puts.values()] }
  }

  /** Forgets those that ended up to a moment, oldest first, so many at most; what they replied with. */
  forget(endedUpTo: number, most: number): readonly SharedSession[] {
    const forgotten: SharedSession[] = []
    for (const session of this.#sessions.values()) {
      if (forgotten.length >= most) break
      if (session.end === undefined || session.endedAt > endedUpTo) continue
      this.#sessions.delete(session.start.session)
      forgotten.push(session)
    }
    return forgotten
  }
}

function byInvocation(puts: readonly SentPut[]): Map<string, SentPut> {
  return new Map(puts.map((put) => [put.producer.invocation, put]))
}

function isSeen(puts: ReadonlyMap<string, SentPut>, seen: readonly string[]): boolean {
  if (puts.size === 0) return true
  const names = new Set(seen)
  return [...puts.keys()].every((name) => names.has(name))
}

function limitReached(limit: number): StigmergyError {
  return new StigmergyError(
    'STG_SESSION_LIMIT',
    `${limit} sessions of one shard are open, the limit; try again later, or raise maxSessionsPerShard of the cluster.`,
    { retryable: true, details: { limit } },
  )
}
