import type { SessionOptions } from '../runtime/face.js'
import { checkedName } from '../app/names.js'
import type { Clock } from '../clock.js'
import { asError, errorInfo } from '../error-info.js'
import { StigmergyError } from '../errors.js'
import type { Ids } from '../ids.js'
import type { EventStream } from '../runtime/events.js'
import type { TimerQueue } from '../timer-queue.js'
import { LiveSession } from './live-session.js'
import { Tombstones } from './tombstones.js'

export interface SessionLimits {
  /** Sessions that may be live at once. Default 1,000,000. */
  readonly maxSessions: number
  /** ms for which the name of an ended session stays taken. Default 600,000. */
  readonly sessionTombstoneMs: number
  /** Names of ended sessions that are remembered at most; the runtime's own names need none. Default 100,000. */
  readonly maxTombstones: number
  /** ms after which a session that puts from outside opened ends when it is quiet and holds nothing. Default 60,000. */
  readonly sessionIdleMs: number
}

/** What ends a session besides itself. */
interface EndOptions {
  readonly deadlineMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** What sessions need of their worker. */
export interface SessionsHost {
  readonly clock: Clock
  readonly ids: Ids
  readonly timers: TimerQueue
  readonly events: EventStream
  /** A session has nothing to do at the moment. */
  quiet(session: LiveSession): void
  /** Ends the session now, as cancelled or expired. */
  stop(session: LiveSession, error: StigmergyError): void
}

/** The live sessions of a worker by name, and the names of those that are over. */
export class Sessions {
  /** Stands for "no session": it never ends, and keeps nothing alive. */
  readonly none = new LiveSession('', [], true)
  readonly #live = new Map<string, LiveSession>()
  readonly #tombstones: Tombstones
  readonly #host: SessionsHost
  readonly #limits: SessionLimits
  #began = 0
  #lastLife = 0

  constructor(host: SessionsHost, limits: SessionLimits) {
    this.#host = host
    this.#limits = limits
    this.#tombstones = new Tombstones(limits.sessionTombstoneMs, limits.maxTombstones)
    this.none.activity = 1
  }

  get size(): number {
    return this.#live.size
  }

  /** How many have begun. */
  get began(): number {
    return this.#began
  }

  [Symbol.iterator](): IterableIterator<LiveSession> {
    return this.#live.values()
  }

  find(id: string): LiveSession | undefined {
    return id === '' ? this.none : this.#live.get(id)
  }

  isOver(id: string): boolean {
    if (this.#live.has(id)) return false
    return this.#host.ids.issued(id) || this.#tombstones.has(id, this.#host.clock.now())
  }

  /** Begins a session for a caller. Throws `STG_SESSION_OVER`, `STG_SESSION_LIMIT`, `STG_OBJECT_KEY_INVALID`. */
  begin(options: SessionOptions, fromOutside: boolean): LiveSession {
    const { session } = options
    const id = session === undefined ? this.#host.ids.session() : this.#checkedNew(session)
    if (this.#live.size >= this.#limits.maxSessions) throw limitReached(this.#limits.maxSessions)
    const live = new LiveSession(id, [], fromOutside, session === undefined ? undefined : this.#lifeOf(id))
    return this.#follow(this.#add(live), options)
  }

  /** Begins a session that its caller keeps open, or takes over one that puts from outside have opened. */
  open(options: SessionOptions): LiveSession {
    const opened = options.session === undefined ? undefined : this.#live.get(options.session)
    if (opened?.isOfCluster === true) throw nameTaken(opened.id, 'a session of the cluster has this name')
    const live = opened?.fromOutside === true ? this.#follow(opened, options) : this.begin(options, false)
    live.fromOutside = false
    live.isKeptOpen = true
    this.occupy(live)
    return live
  }

  /** Nobody keeps the session open any more: it ends when nothing of it runs. */
  letEnd(session: LiveSession): void {
    if (!session.isKeptOpen) return
    session.isKeptOpen = false
    this.rest(session)
  }

  /** Begins the session of a firing that joins objects of several sessions, or of none. */
  derive(id: string, parents: readonly string[]): LiveSession {
    return this.#add(new LiveSession(id, parents, false))
  }

  /**
   * Begins a session that another member of the cluster has decided; the same may run here again after it was given up. With `fromOutside`
   * puts have opened it.
   */
  adopt(id: string, parents: readonly string[], options: EndOptions, fromOutside: boolean): LiveSession {
    if (this.#live.has(id)) throw nameTaken(id, 'a session of this name is live')
    if (this.#live.size >= this.#limits.maxSessions) throw limitReached(this.#limits.maxSessions)
    return this.#follow(this.#add(new LiveSession(id, parents, fromOutside, undefined, true)), options)
  }

  /** One more reason not to end. */
  occupy(session: LiveSession): void {
    session.activity += 1
    if (session.idleTimer === undefined) return
    this.#host.timers.disarm(session.idleTimer)
    session.idleTimer = undefined
  }

  /** One reason less. */
  rest(session: LiveSession): void {
    session.activity -= 1
    if (session.activity === 0 && session.phase !== 'over') this.#host.quiet(session)
  }

  /** Waits for further puts from outside, for a while. */
  awaitPuts(session: LiveSession, idle: () => void): void {
    session.idleTimer ??= this.#host.timers.arm(
      this.#host.clock.now() + this.#limits.sessionIdleMs,
      'idle',
      () => {
        session.idleTimer = undefined
        idle()
      },
    )
  }

  /** Forgets a session as if it had never been. */
  forget(session: LiveSession): void {
    this.#live.delete(session.id)
    for (const timer of [session.deadline, session.idleTimer])
      if (timer !== undefined) this.#host.timers.disarm(timer)
    session.unlisten?.()
  }

  /** Forgets an ended session, except that it is over; of those of the cluster that is known elsewhere. */
  remove(session: LiveSession): void {
    this.forget(session)
    if (!session.isOfCluster && !this.#host.ids.issued(session.id) && !session.id.startsWith('~'))
      this.#tombstones.add(session.id, this.#host.clock.now())
  }

  #add(session: LiveSession): LiveSession {
    this.#live.set(session.id, session)
    this.#began += 1
    const { events, clock } = this.#host
    if (events.watched)
      events.emit({ type: 'session-began', at: clock.now(), session: session.id, parents: session.parents })
    return session
  }

  /** The moment, or the next one that is free: the same in a replay, and bounded, as no count of each name's lives would be. */
  #lifeOf(id: string): number | undefined {
    if (!this.#tombstones.mayHaveHad(id)) return undefined
    this.#lastLife = Math.max(this.#host.clock.now(), this.#lastLife + 1)
    return this.#lastLife
  }

  #checkedNew(id: string): string {
    checkedSessionName(id)
    if (this.#live.has(id)) throw nameTaken(id, 'a session of this name is live')
    if (this.isOver(id)) throw nameTaken(id, 'a session of this name has ended')
    return id
  }

  /** Ends the session when its deadline passes or its caller wants it to. */
  #follow(session: LiveSession, { deadlineMs, signal }: EndOptions): LiveSession {
    if (session.phase === 'over') return session // a listener has ended it
    if (deadlineMs !== undefined) this.#armDeadline(session, deadlineMs)
    if (signal !== undefined) this.#listen(session, signal)
    return session
  }

  #armDeadline(session: LiveSession, deadlineMs: number): void {
    const { timers, clock } = this.#host
    session.deadline = timers.arm(clock.now() + deadlineMs, 'session-deadline', () => {
      session.deadline = undefined
      this.#host.stop(
        session,
        new StigmergyError(
          'STG_SESSION_EXPIRED',
          `Session ${session.id} did not end within ${deadlineMs} ms.`,
        ),
      )
    })
  }

  #listen(session: LiveSession, signal: AbortSignal): void {
    const cancel = (): void => this.#host.stop(session, cancelled(session.id, signal.reason))
    if (signal.aborted) return cancel()
    signal.addEventListener('abort', cancel, { once: true })
    session.unlisten = () => signal.removeEventListener('abort', cancel)
  }
}

/** Throws `STG_OBJECT_KEY_INVALID` and `STG_SESSION_OVER` for what no session may be called by those who begin it. */
export function checkedSessionName(id: string): string {
  checkedName('session', id)
  if (id.startsWith('~')) throw nameTaken(id, 'names that begin with "~" are the runtime\'s own')
  return id
}

/** The error of a cancelled session, with the caller's reason as its cause. */
export function cancelled(id: string, reason: unknown): StigmergyError {
  const why = reason === undefined ? '' : `: ${errorInfo(reason).message}`
  const options = reason === undefined ? {} : { cause: asError(reason) }
  return new StigmergyError('STG_SESSION_CANCELLED', `Session ${id} was cancelled${why}.`, {
    ...options,
    details: { session: id },
  })
}

/** The error for what comes to a session after its end. */
export function sessionOver(id: string): StigmergyError {
  return new StigmergyError('STG_SESSION_OVER', `Session ${JSON.stringify(id)} has ended.`, {
    details: { session: id },
  })
}

function nameTaken(id: string, why: string): StigmergyError {
  return new StigmergyError('STG_SESSION_OVER', `Session ${JSON.stringify(id)} cannot begin: ${why}.`, {
    details: { session: id },
  })
}

function limitReached(maxSessions: number): StigmergyError {
  return new StigmergyError(
    'STG_SESSION_LIMIT',
    `${maxSessions} sessions are live, the limit of this runtime; try again later or raise maxSessions.`,
    {
      retryable: true,
      details: { maxSessions },
    },
  )
}
