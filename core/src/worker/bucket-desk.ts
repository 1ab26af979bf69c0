import type { Bucket, BucketHost, Put } from '../bucket/bucket.js'
import type { Refusal } from '../bucket/step.js'
import type { StoredObject } from '../bucket/stored-object.js'
import type { TriggerCell } from '../bucket/trigger-cell.js'
import type { ObjectStore } from '../contract/index.js'
import { sameContent } from '../digest.js'
import { errorInfo } from '../error-info.js'
import type { RunningApp } from './running-app.js'
import type { Worker } from './worker.js'

/** What the buckets of one app tell their worker. */
export class BucketDesk implements BucketHost {
  readonly #worker: Worker
  readonly #app: RunningApp

  constructor(worker: Worker, app: RunningApp) {
    this.#worker = worker
    this.#app = app
  }

  get store(): ObjectStore {
    return this.#worker.store
  }

  now(): number {
    return this.#worker.clock.now()
  }

  sameContent(a: unknown, b: unknown): boolean {
    return sameContent(a, b, this.#worker.codec)
  }

  admitted(bucket: Bucket, object: StoredObject): void {
    const { counts, events, supervisor } = this.#worker
    counts.put += 1
    counts.bytes += object.bytes
    if (bucket.supervised) supervisor.admitted(bucket, object)
    if (events.watched) events.emit({ type: 'object-put', at: object.at, session: object.session, object })
  }

  duplicate(
    bucket: Bucket,
    existing: StoredObject,
    { attempt, producer }: Put,
    nondeterministic: boolean,
  ): void {
    const { counts, events, supervisor } = this.#worker
    counts.duplicates += 1
    if (bucket.supervised) supervisor.admitted(bucket, existing)
    const invocation = attempt?.invocation
    if (invocation?.id === existing.producer.invocation && producer.attempt !== existing.producer.attempt)
      (invocation.confirmed ??= []).push(existing.seq)
    if (events.watched)
      events.emit({
        type: 'object-duplicate',
        at: this.now(),
        session: existing.session,
        object: existing,
        nondeterministic,
      })
  }

  remembered(): void {
    this.#worker.counts.duplicates += 1
  }

  routeFailed(cell: TriggerCell, object: StoredObject, error: unknown): void {
    const { events } = this.#worker
    if (!events.watched) return
    const about = { session: object.session, trigger: cell.id, partition: {} }
    events.emit({ type: 'trigger-faulted', at: this.now(), ...about, error: errorInfo(error) })
  }

  takeRefusal(): Refusal | undefined {
    return this.#app.host.takeRefusal()
  }
}
