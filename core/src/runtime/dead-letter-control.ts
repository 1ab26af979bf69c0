import type { PutOptions } from '../app/handles.js'
import type { StoredObject } from '../bucket/stored-object.js'
import { asError } from '../error-info.js'
import type { LiveSession } from '../session/live-session.js'
import type { RunningApp } from '../worker/running-app.js'
import type { Worker } from '../worker/worker.js'
import type { DeadLetter, DeadLetters, Session } from './face.js'
import { SessionView } from './session-view.js'

/** The dead letters of a runtime as its operator sees them. */
export class DeadLetterControl implements DeadLetters {
  readonly #worker: Worker

  constructor(worker: Worker) {
    this.#worker = worker
  }

  get size(): number {
    return this.#worker.deadLetters.size
  }

  get dropped(): number {
    return this.#worker.deadLetters.dropped
  }

  list(): readonly DeadLetter[] {
    return this.#worker.deadLetters.list()
  }

  redrive(id: string): Session {
    const { deadLetters, sessions, apps } = this.#worker
    const letter = deadLetters.get(id)
    const app = apps.get(letter.app)!
    const session = sessions.begin({}, false)
    sessions.occupy(session)
    if (letter.kind === 'firing')
      this.#worker.dispatch(app.slot(letter.fn), session, letter.objects, undefined)
    else for (const object of letter.objects) void this.#putAgain(app, object, session)
    deadLetters.remove(id)
    sessions.rest(session)
    return new SessionView(this.#worker, session)
  }

  discard(id: string): void {
    this.#worker.deadLetters.remove(id)
  }

  async #putAgain(app: RunningApp, object: StoredObject, session: LiveSession): Promise<void> {
    const { bucket, key, value } = object
    this.#worker.sessions.occupy(session)
    try {
      await this.#worker.intake.putOutside(app, bucket, key, value, {
        ...putOptions(object),
        session: session.id,
      })
    } catch (error) {
      this.#worker.ending.fail(session, asError(error))
    }
    this.#worker.sessions.rest(session)
  }
}

function putOptions({ group, groups, role, et, meta }: StoredObject): PutOptions {
  const given = { group: group ?? groups, role, et, meta }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}
