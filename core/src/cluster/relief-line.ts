import type { Clock, Timer } from '../clock.js'
import { StigmergyError } from '../errors.js'
import { asError } from '../error-info.js'
import type { Relief } from '../worker/elsewhere.js'
import type { Invocation } from '../worker/invocation.js'
import type { Scheduler } from '../worker/scheduler.js'
import type { Grant, Wanted } from './assist-messages.js'
import type { Helpers } from './helpers.js'

export interface ReliefLineOptions {
  readonly scheduler: Scheduler
  readonly helpers: Helpers
  /** One that does not jump. */
  readonly clock: Clock
  /** ms for which firings wait for room here before other nodes are asked. */
  readonly handOverMs: number
  readonly retryMs: number
  /** Asks a coordinator for room on other nodes. */
  readonly findRoom: (wanted: readonly Wanted[]) => Promise<readonly Grant[]>
}

/** So many waiting firings are looked at in one go. */
const mostAtOnce = 1_000

/** Has what waits here run on other nodes: those that have room already, and those where a coordinator finds some. */
export class ReliefLine implements Relief {
  readonly #options: ReliefLineOptions
  #timer: Timer | undefined
  #isAsking = false
  #isClosed = false

  constructor(options: ReliefLineOptions) {
    this.#options = options
  }

  pressed(): void {
    this.#waitFor(this.#options.handOverMs)
  }

  /** A helper has room again: it gets the next at once. */
  roomMade(): void {
    if (!this.#isClosed && this.#options.scheduler.line.size > 0) this.#give()
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
  }

  #waitFor(ms: number): void {
    const { clock } = this.#options
    if (this.#isAsking || this.#isClosed) return
    this.#timer ??= clock.setTimer(clock.now() + ms, () => {
      this.#timer = undefined
      void this.#relieve()
    })
  }

  async #relieve(): Promise<void> {
    this.#give()
    const wanted = this.#wanted()
    if (wanted.length === 0) return
    this.#isAsking = true
    const found = await this.#ask(wanted)
    this.#isAsking = false
    if (this.#isClosed) return
    for (const grant of found) this.#options.helpers.granted(grant)
    this.#give()
    if (this.#options.scheduler.line.size > 0) this.#waitFor(this.#options.retryMs)
  }

  async #ask(wanted: readonly Wanted[]): Promise<readonly Grant[]> {
    try {
      return await this.#options.findRoom(wanted)
    } catch (error) {
      if (!this.#isClosed && !StigmergyError.is(error)) process.emitWarning(asError(error))
      return []
    }
  }

  #give(): void {
    const { scheduler, helpers } = this.#options
    const { spare } = helpers
    if (spare === 0) return
    scheduler.line.take(helpers.give(scheduler.line.look(Math.min(mostAtOnce, spare))))
  }

  /** What waits, by function. */
  #wanted(): readonly Wanted[] {
    const { scheduler, helpers } = this.#options
    const counts = new Map<Invocation['slot'], number>()
    for (const invocation of scheduler.line.look(mostAtOnce))
      if (helpers.mayTravel(invocation)) counts.set(invocation.slot, (counts.get(invocation.slot) ?? 0) + 1)
    return [...counts].map(([{ app, name: fn }, count]) => ({ app, fn, count }))
  }
}
