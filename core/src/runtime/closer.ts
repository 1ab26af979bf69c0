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
  /** Ends the waiting for work. */
  #giveUp: () => void = () => undefined

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

  /** A later call waits for the same end; one that says `now` hurries it. */
  close({ now = false, drainMs = defaultDrainMs }: CloseOptions): Promise<void> {
    this.#closing ??= this.#close(now ? 0 : drainMs)
    if (now) this.#giveUp()
    return this.#closing
  }

  async #close(drainMs: number): Promise<void> {
    if (drainMs > 0) await this.#drain(drainMs)
    const { sessions, apps, timers, deadLetters } = this.#worker
    for (const session of [...sessions])
      this.#worker.ending.stop(session, cancelled(session.id, new Error('the runtime has closed')))
    for (const app of apps.values()) for (const bucket of app.buckets.values()) bucket.state = 'sealed'
    for (const cell of this.#worker.cells())
      for (const partition of [...cell.partitions]) cell.drop(partition, 'trigger-removed')
    this.#worker.nudge()
    deadLetters.clear()
    timers.close()
    this.#closed.abort()
    await this.#owner.close()
  }

  async #drain(drainMs: number): Promise<void> {
    const { timers, clock } = this.#worker
    const tooLong = new Promise<void>((resolve) => (this.#giveUp = resolve))
    const timer = timers.arm(clock.now() + drainMs, 'drain', this.#giveUp)
    await Promise.race([this.#finishWork(), tooLong])
    timers.disarm(timer)
  }

  /** First the sessions, then what triggers hold that outlive them, and so on while that makes something fire. */
  async #finishWork(): Promise<void> {
    let fired = -1
    while (fired < this.#worker.fired) {
      await this.#worker.until(() => this.#allQuiet())
      fired = this.#worker.fired
      for (const cell of this.#worker.cells())
        for (const partition of [...cell.partitions]) if (!partition.isOfSession) cell.flush(partition)
      await this.#worker.until(() => this.#allQuiet())
    }
  }

  /** Sessions that only wait for puts from outside do not count: no more can come. */
  #allQuiet(): boolean {
    for (const session of this.#worker.sessions)
      if (session.invocations.size > 0 || (session.activity > 0 && !session.fromOutside)) return false
    return true
  }
}
