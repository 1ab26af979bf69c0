import type { Doorbell } from './doorbell.js'
import { Pace } from './pace.js'
import type { Seat } from './seat.js'

/** What a member does in its turns. */
export interface PumpWork {
  /** Takes what has come, within bounds. */
  serve(): Served
  /** Whether something has come. */
  hasWork(): boolean
}

export interface Served {
  /** Whether any frame was taken. */
  readonly some: boolean
  /** Whether frames are left that are to be taken after timers and I/O have had their turn. */
  readonly more: boolean
}

/** So many turns in a row may find nothing before others are let run: one that runs already has answered by then. */
const vainTurns = 2

/** Calls for a member's work when there is some: in each turn of the event loop while messages are frequent, else when it is rung. */
export class Pump {
  /** How often it has looked for work, and how often because it was rung. */
  readonly counts = { turns: 0, rings: 0 }
  readonly #doorbell: Doorbell
  readonly #work: PumpWork
  readonly #pace = new Pace()
  readonly #seat: Pick<Seat, 'yield' | 'look'>
  /** How many turns have found nothing since the last one that found something. */
  #vain = 0
  #running = false
  #next: NodeJS.Immediate | undefined

  constructor(doorbell: Doorbell, work: PumpWork, seat: Pick<Seat, 'yield' | 'look'>) {
    this.#doorbell = doorbell
    this.#work = work
    this.#seat = seat
  }

  /** From now on work is served, and the process stays alive for it. */
  start(): void {
    if (this.#running) return
    this.#running = true
    this.#doorbell.start(() => this.#rung())
    this.hurry()
  }

  stop(): void {
    this.#running = false
    clearImmediate(this.#next)
    this.#next = undefined
    this.#doorbell.stop()
    this.#doorbell.awake()
  }

  /** Looks for work in the next turn, without being rung. */
  hurry(): void {
    if (this.#running) this.#next ??= setImmediate(() => this.#turn())
  }

  #rung(): void {
    this.counts.rings += 1
    this.#turn()
  }

  #turn(): void {
    clearImmediate(this.#next)
    this.#next = undefined
    this.counts.turns += 1
    this.#doorbell.awake()
    const { some, more } = this.#work.serve()
    if (!this.#running) return
    const nowMs = performance.now()
    this.#vain = some ? 0 : this.#vain + 1
    if (some) this.#pace.arrived(nowMs)
    if (more) this.hurry()
    else if (this.#pace.isHot(nowMs)) this.#stayAwake()
    else this.#sleep()
  }

  /** Whoever is to send the next message may be waiting for this processor. */
  #stayAwake(): void {
    if (this.#vain === vainTurns + 1) this.#seat.look()
    if (this.#vain > vainTurns) this.#seat.yield()
    this.hurry()
  }

  #sleep(): void {
    if (this.#next !== undefined) return
    this.#doorbell.asleep()
    if (!this.#work.hasWork()) return
    this.#doorbell.awake()
    this.hurry()
  }
}
