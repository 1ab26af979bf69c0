import type { Partition } from '../bucket/partition.js'
import type { Closed, ObjectRef, Outcome } from '../contract/index.js'
import { errorInfo } from '../error-info.js'
import type { StigmergyError } from '../errors.js'
import type { SessionEnd } from '../runtime/face.js'
import type { Worker } from '../worker/worker.js'
import type { LiveSession } from './live-session.js'

/**
 * Ends sessions: those that have become quiet, those that failed, and those that are stopped.
 *
 * What the triggers of a quiet session hold may still fire when they learn of the end: they are told one by one, those that will
 * fire first, and each firing is waited for, so that a join behind it gets what it puts.
 */
export class Ending {
  readonly #worker: Worker

  constructor(worker: Worker) {
    this.#worker = worker
  }

  /** Looks whether a quiet session is done, and does the next thing towards its end. */
  settle(session: LiveSession): void {
    if (session.activity > 0 || session.phase === 'over' || session.isHeldUp) return
    if (!session.fromOutside || session.phase === 'failing') this.#close(session)
    else if (!session.holdsObjects) this.#worker.sessions.awaitPuts(session, () => this.#close(session))
  }

  /** Ends a session as failed: what runs of it is given up, what its triggers are to flush still runs. */
  fail(session: LiveSession, error: Error): void {
    if (session.phase !== 'live') return
    session.phase = 'failing'
    session.failure = error
    session.reply.reject(error)
    this.#abandonAll(session, 'cancelled', error)
    this.#worker.sessions.occupy(session)
    this.#worker.sessions.letEnd(session)
    for (const partition of [...session.partitions]) {
      if (isToFlush(partition)) partition.cell.flush(partition)
      partition.cell.reset(partition, 'session-ended')
    }
    this.#worker.sessions.rest(session)
  }

  /** Ends a session at once, as cancelled or expired. */
  stop(session: LiveSession, error: StigmergyError): void {
    if (session.phase === 'over') return
    const outcome = error.code === 'STG_SESSION_EXPIRED' ? 'expired' : 'cancelled'
    this.#abandonAll(session, outcome, error)
    this.#finish(session, { outcome, error })
  }

  /** Takes back the beginning of a session whose only put was refused. Nothing is remembered, so that the put can be repeated. */
  withdraw(session: LiveSession, refusal: Error): void {
    if (!session.isUntouched) return
    session.phase = 'over'
    for (const partition of session.partitions) partition.cell.drop(partition, 'session-ended')
    this.#worker.sessions.forget(session)
    this.#tell(session, { outcome: 'failed', error: refusal })
  }

  /** Tells the triggers of the end, as far as the session stays quiet. */
  #close(session: LiveSession): void {
    const fact: Closed = { scope: 'session', name: session.id, outcome: session.outcome }
    for (const tell of session.phase === 'live' ? [tellOneThatFires, flushOne, tellTheRest] : []) {
      while (isQuiet(session) && tell(session, fact)) continue
      if (!isQuiet(session)) return
    }
    if (session.isHeldUp) return
    const { outcome, failure } = session
    this.#finish(session, failure === undefined ? { outcome } : { outcome, error: failure })
  }

  /** Also what begins meanwhile: listeners of a signal may put, or cancel the session themselves. */
  #abandonAll(session: LiveSession, outcome: Outcome, reason: Error): void {
    for (const invocation of session.invocations) {
      this.#worker.abandon(invocation, outcome, reason)
      this.#worker.sessions.rest(session)
    }
  }

  #finish(session: LiveSession, end: SessionEnd): void {
    const { explained, sessions } = this.#worker
    if (session.phase === 'over') return
    session.phase = 'over'
    explained.keep(session, end)
    for (const partition of session.partitions) partition.cell.drop(partition, 'session-ended')
    if (end.outcome === 'cancelled' || end.outcome === 'expired') this.#dropCancelled(session)
    sessions.remove(session)
    session.release()
    this.#tell(session, end)
  }

  #tell(session: LiveSession, end: SessionEnd): void {
    const { events, clock } = this.#worker
    if (end.error === undefined) session.reply.resolve(undefined)
    else session.reply.reject(end.error)
    session.ended.resolve(end)
    this.#worker.nudge()
    if (!events.watched) return
    const told =
      end.error === undefined
        ? { outcome: end.outcome }
        : { outcome: end.outcome, error: errorInfo(end.error) }
    events.emit({ type: 'session-ended', at: clock.now(), session: session.id, ...told })
  }

  #dropCancelled({ id, objects }: LiveSession): void {
    const own = new Set<ObjectRef>(objects)
    for (const cell of this.#worker.cells())
      if (cell.common.dropCancelled) cell.dropWhere((object) => own.has(object))
    for (const { buckets } of this.#worker.apps.values())
      for (const { shared } of buckets.values()) shared?.drop(id)
  }
}

function isQuiet({ activity, phase }: LiveSession): boolean {
  return activity === 0 && phase === 'live'
}

/** Tells one partition something; false when there is none left to tell. */
type Tell = (session: LiveSession, fact: Closed) => boolean

const tellOneThatFires: Tell = (session, fact) => {
  const next = untold(session).find((partition) => partition.cell.wouldFire(partition, fact))
  return next !== undefined && told(next, fact)
}

const flushOne: Tell = (session) =>
  session.partitions.some((partition) => {
    if (!isToFlush(partition)) return false
    const before = partition.pending.size
    partition.cell.flush(partition)
    return partition.pending.size < before
  })

const tellTheRest: Tell = (session, fact) => {
  const next = untold(session)[0]
  return next !== undefined && told(next, fact)
}

function isToFlush({ phase, cell, pending }: Partition): boolean {
  return phase === 'open' && pending.size > 0 && cell.common.onSessionEnd === 'flush'
}

function untold(session: LiveSession): Partition[] {
  return session.partitions.filter(
    ({ told, phase, cell }) => !told && phase === 'open' && cell.listensTo('session'),
  )
}

function told(partition: Partition, fact: Closed): true {
  partition.told = true
  partition.cell.close(partition, fact)
  return true
}
