import type { PutOutcome } from '../app/handles.js'
import { sentError } from '../node/sent-error.js'
import type { LiveSession } from '../session/live-session.js'
import type { Worker } from '../worker/worker.js'
import type { EnterAnswer } from './cluster-messages.js'
import type { Luggage } from './luggage.js'
import type { SentPut } from './shared-sessions.js'

export interface EnteredPutsParts {
  readonly worker: Worker
  readonly luggage: Luggage
  /** Ends what is under way when this node may not act any more. */
  readonly signal: AbortSignal
}

/** What was put by name into one life of a session, where that is at home. */
export class EnteredPuts {
  readonly #parts: EnteredPutsParts
  readonly #answers = new Map<string, Promise<EnterAnswer>>()
  readonly #seen = new Set<string>()

  constructor(parts: EnteredPutsParts) {
    this.#parts = parts
  }

  /** Those that this life of the session has admitted, by their invocations. */
  get seen(): readonly string[] {
    return [...this.#seen]
  }

  /** The same put again is answered as it was; one that was refused may come again. */
  enter(session: LiveSession, put: SentPut): Promise<EnterAnswer> {
    const { invocation } = put.producer
    const known = this.#answers.get(invocation)
    if (known !== undefined) return known
    const answer = this.#put(session, put)
    this.#answers.set(invocation, answer)
    return answer
  }

  async #put(session: LiveSession, put: SentPut): Promise<EnterAnswer> {
    const { sessions } = this.#parts.worker
    const { invocation } = put.producer
    if (session.phase === 'over') return 'late'
    sessions.occupy(session)
    try {
      const outcome = await this.#enter(session, put)
      if (outcome !== 'late') this.#seen.add(invocation)
      return outcome
    } catch (error) {
      this.#answers.delete(invocation)
      return { refused: sentError(error) }
    } finally {
      sessions.rest(session)
    }
  }

  async #enter(session: LiveSession, put: SentPut): Promise<PutOutcome> {
    const { worker, luggage, signal } = this.#parts
    const value = await luggage.arrive(put.value, put.bytes, signal)
    try {
      return await worker.intake.enter(session, put, value)
    } finally {
      value.leave()
    }
  }
}
