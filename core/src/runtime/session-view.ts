import type { BucketName, PutOptions, PutOutcome, UserFact } from '../app/handles.js'
import { asError } from '../error-info.js'
import type { LiveSession } from '../session/live-session.js'
import { cancelled, sessionOver } from '../session/sessions.js'
import type { RunningApp } from '../worker/running-app.js'
import type { Worker } from '../worker/worker.js'
import { EventReader } from './event-reader.js'
import type { RuntimeEvent } from './events.js'
import type { OpenSession, Session, SessionEnd } from './face.js'

/** A session as its caller sees it. */
export class SessionView<Out> implements Session<Out> {
  protected readonly worker: Worker
  protected readonly live: LiveSession

  constructor(worker: Worker, live: LiveSession) {
    this.worker = worker
    this.live = live
  }

  get id(): string {
    return this.live.id
  }

  get result(): Promise<Out> {
    return this.live.reply.promise as Promise<Out>
  }

  get ended(): Promise<SessionEnd> {
    return this.live.ended.promise
  }

  cancel(reason?: unknown): void {
    this.worker.ending.stop(this.live, cancelled(this.id, reason))
  }

  events(): AsyncIterable<RuntimeEvent> {
    const { id, live } = this
    return new EventReader(this.worker.events, {
      accept: ({ session }) => session === id,
      isLast: ({ type }) => type === 'session-ended',
      ...(live.phase === 'over' ? { signal: AbortSignal.abort() } : {}),
    })
  }
}

/** A session that its caller keeps open. */
export class OpenSessionView extends SessionView<unknown> implements OpenSession {
  readonly #appOf: (bucket: BucketName) => RunningApp
  #open = true

  constructor(worker: Worker, live: LiveSession, appOf: (bucket: BucketName) => RunningApp) {
    super(worker, live)
    this.#appOf = appOf
  }

  put(
    bucket: BucketName,
    key: string | undefined,
    value: unknown,
    options: PutOptions = {},
  ): Promise<PutOutcome> {
    try {
      this.#checkOpen()
      return this.worker.intake.putOutside(this.#appOf(bucket), bucket, key, value, options, this.live)
    } catch (error) {
      return Promise.reject(asError(error))
    }
  }

  closed(bucket: BucketName, fact: UserFact): void {
    this.#checkOpen()
    const app = this.#appOf(bucket)
    this.worker.intake.tell(app, app.bucket(bucket), fact, this.live)
  }

  end(): Promise<SessionEnd> {
    this.#open = false
    this.worker.sessions.letEnd(this.live)
    return this.ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
  }

  #checkOpen(): void {
    if (!this.#open) throw sessionOver(this.id)
  }
}
