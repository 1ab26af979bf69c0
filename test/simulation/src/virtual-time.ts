import type { Clock, Timer } from '@stigmergy/core'

interface Entry {
  readonly at: number
  readonly order: number
  run: (() => void) | undefined
}

const startMs = 1_000_000

/** Time that passes from one event to the next. Between two events everything that can go on without time has gone on. */
export class VirtualTime {
  /** Events that have happened. */
  events = 0
  #now = startMs
  #order = 0
  #heap: Entry[] = []

  now(): number {
    return this.#now
  }

  /** ms since the beginning. */
  get elapsed(): number {
    return this.#now - startMs
  }

  /** Has something happen at a moment. */
  at(at: number, run: () => void): Timer {
    const entry: Entry = { at: Math.max(at, this.#now), order: this.#order++, run }
    this.#push(entry)
    return { cancel: () => (entry.run = undefined) }
  }

  after(ms: number, run: () => void): Timer {
    return this.at(this.#now + ms, run)
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve))
  }

  /** Lets events happen until one of them makes the condition true. Whether it did so by then. */
  async until(condition: () => boolean, deadline: number): Promise<boolean> {
    for (;;) {
      await settled()
      if (condition()) return true
      const [next] = this.#heap
      if (next === undefined || next.at > deadline) return false
      this.#pop()
      if (next.run === undefined) continue
      this.#now = next.at
      this.events += 1
      next.run()
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let at = heap.push(entry) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(entry, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = entry
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1
      if (!isBefore(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at === b.at ? a.order < b.order : a.at < b.at
}

/** Resolves when no promise can go on without an event. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** A process's own clock: set wrong, and running too fast or too slow. It stops with the process. */
export class DriftingClock implements Clock {
  readonly #time: VirtualTime
  readonly #start: number
  readonly #offset: number
  readonly #rate: number
  readonly #run: (step: () => void) => void

  /** `run` has a step happen in the process. */
  constructor(time: VirtualTime, offset: number, rate: number, run: (step: () => void) => void) {
    this.#time = time
    this.#start = time.now()
    this.#offset = offset
    this.#rate = rate
    this.#run = run
  }

  now(): number {
    return Math.floor(this.#start + this.#offset + (this.#time.now() - this.#start) * this.#rate)
  }

  setTimer(atMs: number, run: () => void): Timer {
    const due = this.#start + (atMs - this.#start - this.#offset) / this.#rate
    const ring = (): void => {
      if (this.now() < atMs) timer = this.#time.after(0.5, ring)
      else this.#run(run)
    }
    let timer = this.#time.at(due, ring)
    return { cancel: () => timer.cancel() }
  }
}
