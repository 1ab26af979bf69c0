import { StigmergyError } from '../errors.js'
import { cancelled } from '../session/sessions.js'
import type { Worker } from '../worker/worker.js'
import type { CloseOptions } from './face.js'
import type { Owner } from './owner.js'

const defaultDrainMs = 30_000

/** Ends a runtime: no new work, what runs finishes, what is held is fired, everything is freed. */
export class Closer {
  readonly #worker: Worker
  readonly #owner: Owner
  readonly #closed = new AbortController()
  #closing: Promise<void> | undefined

  constructor(worker: Worker, owner: Owner) {
    this.#worker = worker
    this.#owner = owner
  }

  /** Aborts when the runtime has closed. */
  get signal(): AbortSignal {
    return this.#closed.signal
  }

  checkOpen(): void {
    if (this.#closing !== undefined)
      throw new StigmergyError('STG_CLOSED', 'The runtime is closed or closing.')
  }

  close({ now = false, drainMs = defaultDrainMs }: CloseOptions): Promise<void> {
    return (this.#closing ??= this.#close(now ? 0 : drainMs))
  }

  async #close(drainMs: number): Promise<void> {
    if (drainMs > 0) await this.#drain(drainMs)
    const { sessions, apps, timers, deadLetters } = this.#worker
    for (const session of [...sessions])
      this.#worker.ending.stop(session, cancelled(session.id, new Error('the runtime has closed')))
    for (const app of apps.values())
      for (const bucket of app.buckets.values())
        for (const cell of bucket.cells)
          for (const partition of [...cell.partitions]) cell.drop(partition, 'trigger-removed')
    deadLetters.clear()
    timers.close()
    this.#closed.abort()
    await this.#owner.close()
  }

  /** Lets work finish: first the sessions, then what bucket-scoped triggers still hold. */
  async #drain(drainMs: number): Promise<void> {
    const { timers, clock } = this.#worker
    let giveUp = (): void => undefined
    const tooLong = new Promise<void>((resolve) => (giveUp = resolve))
    const timer = timers.arm(clock.now() + drainMs, 'drain', giveUp)
    await Promise.race([this.#finishWork(), tooLong])
    timers.disarm(timer)
  }

  async #finishWork(): Promise<void> {
    await this.#worker.until(() => this.#allQuiet())
    for (const app of this.#worker.apps.values())
      for (const bucket of app.buckets.values())
        for (const cell of bucket.cells)
          for (const partition of [...cell.partitions])
            if (partition.name.session === undefined) cell.flush(partition)
    await this.#worker.until(() => this.#allQuiet())
  }

  /** Sessions that only wait for puts from outside do not count: no more can come. */
  #allQuiet(): boolean {
    for (const session of this.#worker.sessions)
      if (session.invocations.size > 0 || (session.activity > 0 && !session.fromOutside)) return false
    return true
  }
}
