/** A timer that has not run yet. */
export interface Timer {
  /** Prevents the run; without effect when it has run. */
  cancel(): void
}

/** Where time comes from. Replace it to control time in tests. */
export interface Clock {
  /** ms since epoch; whole, never decreasing. */
  now(): number
  /** Runs `run` once `now()` has reached `atMs`: late is possible, early is not. An armed timer keeps the process alive. */
  setTimer(atMs: number, run: () => void): Timer
}

/** The longest delay that `setTimeout` takes, in ms; longer waits are cut into pieces. */
const longestDelayMs = 2 ** 31 - 1

/** The wall clock, made non-decreasing: when the host sets its clock back, time stands still until it has caught up. */
export class SystemClock implements Clock {
  #last = 0

  now(): number {
    const wall = Date.now()
    if (wall > this.#last) this.#last = wall
    return this.#last
  }

  setTimer(atMs: number, run: () => void): Timer {
    const wait = (): NodeJS.Timeout =>
      setTimeout(wake, Math.min(Math.max(0, atMs - this.now()), longestDelayMs))
    const wake = (): void => {
      if (this.now() >= atMs) run()
      else armed = wait()
    }
    let armed = wait()
    return { cancel: () => clearTimeout(armed) }
  }
}

/**
 * Time that passes evenly, whatever is done to the wall clock: for leases and time limits between machines. What is due already runs in the
 * next turn of the event loop, since `setTimeout` would wait a millisecond.
 */
export class SteadyClock implements Clock {
  now(): number {
    return performance.timeOrigin + performance.now()
  }

  setTimer(atMs: number, run: () => void): Timer {
    const waitMs = Math.ceil(atMs - this.now())
    if (waitMs <= 0) {
      const due = setImmediate(run)
      return { cancel: () => clearImmediate(due) }
    }
    const armed = setTimeout(run, Math.min(waitMs, longestDelayMs))
    return { cancel: () => clearTimeout(armed) }
  }
}

/** Runs `run` in the next turn of the event loop, after what waits there for its turn. */
export function inNextTurn(run: () => void): void {
  setImmediate(run)
}

/** µs that have passed since some moment: for measuring, not for deciding. */
export function microseconds(): number {
  return Math.round(performance.now() * 1_000)
}
