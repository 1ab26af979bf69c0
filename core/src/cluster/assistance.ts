import type { Clock } from '../clock.js'
import type { Worker } from '../worker/worker.js'
import type { AssistMessage, Grant, Wanted } from './assist-messages.js'
import type { Calls } from './calls.js'
import type { ClusterMessage } from './cluster-messages.js'
import { Helpers } from './helpers.js'
import { Helping } from './helping.js'
import type { Luggage } from './luggage.js'
import { ReliefLine } from './relief-line.js'
import type { ClusterSettings } from './settings.js'

export interface AssistanceParts {
  readonly worker: Worker
  readonly calls: Calls<ClusterMessage>
  readonly luggage: Luggage
  /** One that does not jump. */
  readonly clock: Clock
  readonly settings: ClusterSettings
  /** Functions that this node may have under way. */
  readonly slots: number
  /** Asks a coordinator for room on other nodes. */
  readonly findRoom: (wanted: readonly Wanted[]) => Promise<readonly Grant[]>
}

/** What nodes do for each other: a home that has no room gives firings to others, and runs those of others while it has. */
export class Assistance {
  readonly #helpers: Helpers
  readonly #helping: Helping
  readonly #relief: ReliefLine

  constructor({ worker, calls, luggage, clock, settings, slots, findRoom }: AssistanceParts) {
    const { leaseMs, retryMs, handOverMs } = settings
    const common = { worker, calls, luggage, clock, leaseMs, retryMs }
    this.#helpers = new Helpers({ ...common, roomMade: () => this.#relief.roomMade() })
    this.#helping = new Helping({ ...common, slots })
    const { scheduler } = worker
    this.#relief = new ReliefLine({
      ...{ scheduler, helpers: this.#helpers, clock, handOverMs, retryMs, findRoom },
    })
    scheduler.relieve(this.#relief)
  }

  /** Functions that run elsewhere for sessions of this node. */
  get away(): number {
    return this.#helpers.size
  }

  /** Functions that run here for sessions of other nodes. */
  get guests(): number {
    return this.#helping.size
  }

  /** More runs that this node takes for others. */
  get room(): number {
    return this.#helping.room
  }

  async answer(message: AssistMessage, from: string): Promise<unknown> {
    switch (message[0]) {
      case 'assist':
        return this.#helping.assist(from, message[1])
      case 'wanted':
        return this.#helping.wanted(from, message[1], message[2])
      case 'withdraw':
        return this.#helping.withdraw(from, message[1], message[2])
      case 'said':
        return this.#helpers.said(from, message[1], message[2], message[3], message[4])
      case 'left':
        return this.#helpers.left(from)
    }
  }

  /** Runs nothing more for others. */
  leave(): void {
    this.#helping.leave()
  }

  /** Tells those whose functions run here that they have to look elsewhere. */
  async tellLeaving(): Promise<void> {
    await this.#helping.tellLeaving()
  }

  /** Nothing of this has an effect any more. */
  close(error: Error): void {
    this.#relief.close()
    this.#helping.close(error)
    this.#helpers.close()
  }
}
