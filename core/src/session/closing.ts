import type { Partition } from '../bucket/partition.js'
import type { Closed } from '../contract/index.js'
import type { LiveSession } from './live-session.js'

/** What the end of a session needs of the worker. */
export interface ClosingHost {
  /** Waits for further puts from outside; `idle` when none has come for a while. */
  awaitPuts(session: LiveSession, idle: () => void): void
  /** The session is done. */
  finish(session: LiveSession): void
}

/**
 * Ends a session that has become quiet. What its triggers hold may still fire when they learn of the end: they are told one by
 * one, those that will fire first, and each firing is waited for, so that a join behind it gets what it puts.
 */
export class Closing {
  readonly #host: ClosingHost

  constructor(host: ClosingHost) {
    this.#host = host
  }

  /** Looks whether the session is done, and does the next thing towards its end. */
  settle(session: LiveSession): void {
    if (session.activity > 0 || session.phase === 'over') return
    if (!session.fromOutside) this.close(session)
    else if (!session.holdsObjects) this.#host.awaitPuts(session, () => this.close(session))
  }

  /** Tells the triggers of the end, as far as the session stays quiet. */
  close(session: LiveSession): void {
    const fact: Closed = { scope: 'session', name: session.id, outcome: session.outcome }
    for (const tell of session.failure === undefined ? [tellOneThatFires, flushOne, tellTheRest] : []) {
      while (session.activity === 0 && session.phase !== 'over' && tell(session, fact)) continue
      if (session.activity > 0 || session.phase === 'over') return
    }
    this.#host.finish(session)
  }
}

/** Tells one partition something; false when there is none left to tell. */
type Tell = (session: LiveSession, fact: Closed) => boolean

const tellOneThatFires: Tell = (session, fact) => {
  const next = untold(session).find((partition) => partition.cell.wouldFire(partition, fact))
  return next !== undefined && told(next, fact)
}

const flushOne: Tell = (session) =>
  session.partitions.some((partition) => {
    const { phase, cell, pending } = partition
    if (phase !== 'open' || pending.size === 0 || cell.definition.common.onSessionEnd !== 'flush')
      return false
    const before = pending.size
    cell.flush(partition)
    return pending.size < before
  })

const tellTheRest: Tell = (session, fact) => {
  const next = untold(session)[0]
  return next !== undefined && told(next, fact)
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
