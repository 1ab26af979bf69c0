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

/** What counts most is whether the event loop of a worker is free: then it begins at once what it is sent. */
const queuedWeight = 8
/** Functions that have begun mostly wait. Only many of them are a load. */
const runningPerLoad = 4
/** What it is worth to stay near the data. */
const nearCredit = 2

/**
 * The one with the least to do. Between equals the one near the data, so that a chain of functions stays where it is, and else the
 * first, so that little work keeps few workers awake.
 */
export class LeastLoaded implements Placement {
  choose(workers: readonly WorkerLoad[], _next: Runnable, near: number | undefined): number {
    let best = 0
    let least = Infinity
    for (let at = 0; at < workers.length; at += 1) {
      const { worker, running, queued } = workers[at]!
      const busy = queuedWeight * queued + Math.floor(running / runningPerLoad)
      const load = busy - (worker === near ? nearCredit : 0)
      if (load < least) {
        least = load
        best = at
      }
    }
    return best
  }
}
