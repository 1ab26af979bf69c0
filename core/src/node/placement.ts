import type { Runnable } from '../worker/run-queue.js'

/** How busy a worker is, as its home sees it. */
export interface WorkerLoad {
  /** Its number on the node. */
  readonly worker: number
  /** Functions that have begun there and not ended. */
  readonly running: number
  /** Functions that were sent there and have not begun. */
  readonly queued: number
}

/** Decides which worker runs what comes next. */
export interface Placement {
  /**
   * The place in `workers`, all of which have room. `near` is the worker that has put what the function is run with, if one of them
   * has: its caches are warm.
   */
  choose(workers: readonly WorkerLoad[], next: Runnable, near: number | undefined): number
}

/**
 * The one with the least to do. Between equals the one near the data, so that a chain of functions stays where it is: the function that put
 * the data is about to end, and is not counted.
 */
export class LeastLoaded implements Placement {
  choose(workers: readonly WorkerLoad[], _next: Runnable, near: number | undefined): number {
    let best = 0
    let least = Infinity
    for (let at = 0; at < workers.length; at += 1) {
      const { worker, running, queued } = workers[at]!
      const load = 2 * (running + queued) - (worker === near ? 3 : 0)
      if (load < least) {
        least = load
        best = at
      }
    }
    return best
  }
}
