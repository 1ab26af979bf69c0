import type { PutOptions } from '../app/handles.js'
import type { StoredObject } from '../bucket/stored-object.js'
import { asError } from '../error-info.js'
import type { LiveSession } from '../session/live-session.js'
import type { FiringRecord } from '../worker/invocation.js'
import type { RunningApp } from '../worker/running-app.js'
import type { Worker } from '../worker/worker.js'
import type { Undelivered } from './dead-letters.js'
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
      this.#worker.dispatch(app.slot(letter.fn), session, letter.objects, again(letter.record))
    else void this.#putAgain(app, letter, session)
    deadLetters.remove(id)
    sessions.rest(session)
    return new SessionView(this.#worker, session)
  }

  discard(id: string): void {
    this.#worker.deadLetters.remove(id)
  }

  /** A letter that cannot be delivered this time either is kept. */
  async #putAgain(app: RunningApp, letter: Undelivered, session: LiveSession): Promise<void> {
    const { sessions, intake, ending } = this.#worker
    for (const object of letter.objects) object.hold()
    sessions.occupy(session)
    try {
      for (const object of letter.objects)
        await intake.putOutside(app, object.bucket, object.key, object.value, {
          ...putOptions(object),
          session: session.id,
        })
    } catch (error) {
      this.#worker.bury(letter)
      ending.fail(session, asError(error))
    }
    for (const object of letter.objects) object.letGo()
    sessions.rest(session)
  }
}

/** The same firing, outside the order and the lineage that it once belonged to. */
function again(record: FiringRecord | undefined): FiringRecord | undefined {
  if (record === undefined) return undefined
  const { tag: _tag, serial: _serial, ...firing } = record.firing
  return { ...record, firing }
}

function putOptions({ group, groups, role, et, meta }: StoredObject): PutOptions {
  const given = { group: group ?? groups, role, et, meta }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}
