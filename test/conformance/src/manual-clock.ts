import type { Clock, Timer } from '@stigmergy/core'

interface Entry {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

/** More timers than this at one moment are a timer that arms itself again and again. */
const mostAtOnce = 10_000

/**
 * A clock that stands still until it is told to move. Timers run while it moves, each at its own time, in the order of their times
 * and then of their arming.
 */
export class ManualClock implements Clock {
  #now: number
  #order = 0
  readonly #timers = new Set<Entry>()

  constructor(startMs = 0) {
    this.#now = startMs
  }

  now(): number {
    return this.#now
  }

  /** How many timers are armed. */
  get armed(): number {
    return this.#timers.size
  }

  /** When the next timer is due; Infinity when none is armed. */
  get nextDueAt(): number {
    return this.#next()?.atMs ?? Infinity
  }

  setTimer(atMs: number, run: () => void): Timer {
    const entry: Entry = { atMs, order: this.#order++, run }
    this.#timers.add(entry)
    return { cancel: () => void this.#timers.delete(entry) }
  }

  /** Lets time pass, and runs what becomes due on the way. */
  advance(ms: number): void {
    this.set(this.#now + ms)
  }

  /** Lets time pass until `atMs`, and runs what becomes due on the way. Time that is over does not come back. */
  set(atMs: number): void {
    let atOnce = 0
    for (let next = this.#next(); next !== undefined && next.atMs <= atMs; next = this.#next()) {
      atOnce = next.atMs > this.#now ? 0 : atOnce + 1
      if (atOnce > mostAtOnce)
        throw new Error(`More than ${mostAtOnce} timers ran at ${this.#now}: one arms itself again`)
      this.#now = Math.max(this.#now, next.atMs)
      this.#timers.delete(next)
      next.run()
    }
    this.#now = Math.max(this.#now, atMs)
  }

  /** Time passes as for a process that is suspended: nothing runs before the next `advance`, `set` or `runDue`. */
  jump(ms: number): void {
    this.#now += Math.max(0, ms)
  }

  /** Runs what is due by now, at the present time. */
  runDue(): void {
    this.set(this.#now)
  }

  #next(): Entry | undefined {
    let first: Entry | undefined
    for (const entry of this.#timers) if (first === undefined || isBefore(entry, first)) first = entry
    return first
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs === b.atMs ? a.order < b.order : a.atMs < b.atMs
}
