import type { Clock, Timer } from '../clock.js'
import type { LoadTable } from '../contract/index.js'
import type { Colleague } from './colleague.js'
import type { Crew } from './crew.js'
import type { Fleet } from './fleet.js'
import { LoadWords } from './load-words.js'

export interface WatchdogParts {
  readonly crew: Crew
  readonly fleet: Fleet
  readonly load: LoadTable
  readonly clock: Clock
  readonly maxBlockMs: number
  readonly recycleAboveMb: number | undefined
}

/** What the watchdog saw last of a worker. */
interface Sight {
  readonly colleague: Colleague
  beat: number
  begun: number
  /** Since when it has not changed, ms since epoch. */
  since: number
}

/** How often it looks, in ms. */
const lookMs = 250
/** A worker that stands still for so long after what it runs was given up is not going to notice. */
const graceMs = 1_000

/** Looks at the workers that run something, and has those ended whose event loop stands still, and those retired that grow too large. */
export class Watchdog {
  readonly #parts: WatchdogParts
  readonly #sights = new Map<number, Sight>()
  #timer: Timer | undefined

  constructor(parts: WatchdogParts) {
    this.#parts = parts
  }

  /** Something runs: looks from now on, until nothing does. */
  wake(): void {
    if (this.#timer !== undefined) return
    const { clock } = this.#parts
    this.#timer = clock.setTimer(clock.now() + lookMs, () => {
      this.#timer = undefined
      if (this.#lookAtAll()) this.wake()
    })
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** Whether anything runs. */
  #lookAtAll(): boolean {
    let busy = false
    const now = this.#parts.clock.now()
    for (const colleague of this.#parts.crew.colleagues) {
      if (colleague.isIdle) this.#sights.delete(colleague.worker)
      else {
        busy = true
        this.#look(colleague, now)
      }
    }
    return busy
  }

  #look(colleague: Colleague, now: number): void {
    const { load, crew, recycleAboveMb, fleet } = this.#parts
    const { worker } = colleague
    crew.began(colleague.beganAll(load.get(worker, LoadWords.Begun)))
    const beat = load.get(worker, LoadWords.Beat)
    const sight = this.#sights.get(worker)
    if (sight?.colleague !== colleague || sight.beat !== beat || sight.begun !== colleague.begun)
      this.#sights.set(worker, { colleague, beat, begun: colleague.begun, since: now })
    else this.#standsStill(colleague, sight.since, now)
    const memory = load.get(worker, LoadWords.MemoryMb)
    if (recycleAboveMb !== undefined && memory > recycleAboveMb)
      fleet.retire(worker, `used ${memory} MiB, more than recycleAboveMb`)
  }

  #standsStill(colleague: Colleague, since: number, now: number): void {
    const { fleet, maxBlockMs } = this.#parts
    const stillMs = now - since
    if (stillMs >= maxBlockMs)
      return fleet.kill(colleague.worker, `stood still for ${stillMs} ms, more than maxBlockMs`)
    for (const { abandonedAt, attempt } of colleague.runs())
      if (abandonedAt !== undefined && now - abandonedAt >= graceMs && stillMs >= graceMs)
        return fleet.kill(
          colleague.worker,
          `went on with function ${attempt.invocation.fn}, which was given up, and stood still for ${stillMs} ms`,
        )
  }
}
