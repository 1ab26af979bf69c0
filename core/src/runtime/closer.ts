import { asError } from '../error-info.js'
import { StigmergyError } from '../errors.js'
import { LazyPromise } from '../lazy-promise.js'
import { cancelled } from '../session/sessions.js'
import type { Worker } from '../worker/worker.js'
import type { CloseOptions } from './face.js'
import type { Owner } from './owner.js'

const defaultDrainMs = 30_000

/** Ends a runtime: no new work, what runs finishes, what is held is fired, everything is freed. */
export class Closer {
  readonly #worker: Worker
  readonly #owner: Owner
  /** Leaves the cluster, if there is one: what has not ended is from then on the business of others, and may be stopped. */
  readonly #leave: (() => Promise<void>) | undefined
  readonly #closed = new AbortController()
  readonly #end = new LazyPromise<void>()
  #isOpen = true
  /** Ends the waiting for work. */
  #giveUp: () => void = () => undefined

  constructor(worker: Worker, owner: Owner, leave?: () => Promise<void>) {
    this.#leave = leave
    this.#worker = worker
    this.#owner = owner
  }

  /** Aborts when the runtime has closed. */
  get signal(): AbortSignal {
    return this.#closed.signal
  }

  checkOpen(): void {
    if (!this.#isOpen) throw new StigmergyError('STG_CLOSED', 'The runtime is closed or closing.')
  }

  /** A later call waits for the same end; one that says `now` hurries it. */
  close({ now = false, drainMs = defaultDrainMs }: CloseOptions): Promise<void> {
    if (this.#isOpen) void this.#begin(now ? 0 : drainMs)
    if (now) this.#giveUp()
    return this.#end.promise
  }

  /** Listeners are told of what ends, and may call the runtime: it is closed for them before anything else happens. */
  async #begin(drainMs: number): Promise<void> {
    this.#isOpen = false
    try {
      await this.#close(drainMs)
      this.#end.resolve()
    } catch (error) {
      this.#end.reject(asError(error))
    }
  }

  async #close(drainMs: number): Promise<void> {
    if (drainMs > 0) await this.#drain(drainMs)
    if (this.#leave !== undefined) await this.#leave().catch(() => undefined) // the owner closes it as well, and tells
    const { apps, timers, deadLetters, intake } = this.#worker
    for (const app of apps.values()) for (const bucket of app.buckets.values()) bucket.state = 'sealed'
    this.#stopSessions()
    for (const cell of [...this.#worker.cells()]) cell.end('trigger-removed')
    this.#worker.nudge()
    intake.close()
    deadLetters.close()
    this.#stopSessions() // what listeners of all this have begun
    timers.close()
    this.#closed.abort()
    await this.#owner.close()
  }

  #stopSessions(): void {
    for (const session of [...this.#worker.sessions])
      this.#worker.ending.stop(session, cancelled(session.id, new Error('the runtime has closed')))
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
