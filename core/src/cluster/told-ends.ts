import type { Closed } from '../contract/index.js'
import { RecentNames, type RecentNamesState } from './recent-names.js'

/** Ends that were told lately, as plain data. */
export interface ToldEndsState {
  readonly told: RecentNamesState
  readonly absorbed: RecentNamesState
}

/** So many ends are remembered. */
const maxRemembered = 10_000

/**
 * The ends of invocations that triggers were told lately, and whether one of them provided for the failure. They come twice when a holder of
 * the shard does not answer, and when a session runs again: triggers hear of each once, and whoever tells it gets the same answer.
 */
export class ToldEnds {
  readonly #told: RecentNames
  readonly #absorbed: RecentNames

  constructor({ told, absorbed }: Partial<ToldEndsState> = {}) {
    this.#told = new RecentNames(maxRemembered, told)
    this.#absorbed = new RecentNames(maxRemembered, absorbed)
  }

  get state(): ToldEndsState {
    return { told: this.#told.state, absorbed: this.#absorbed.state }
  }

  /** What came of this end when it was told before; undefined when it was not. */
  answerTo(end: Closed): boolean | undefined {
    const name = nameOf(end)
    if (name === undefined || !this.#told.has(name)) return undefined
    return this.#absorbed.has(name)
  }

  add(end: Closed, absorbed: boolean): void {
    const name = nameOf(end)
    if (name === undefined) return
    this.#told.add(name)
    if (absorbed) this.#absorbed.add(name)
  }
}

/** Facts of user code have nothing that tells a repeated one from another. */
function nameOf({ scope, name, outcome }: Closed): string | undefined {
  return scope === 'invocation' ? JSON.stringify([name, outcome]) : undefined
}
