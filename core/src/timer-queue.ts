import type { Clock, Timer } from './clock.js'

/** One armed entry of a `TimerQueue`. */
export interface ArmedTimer {
  readonly dueAt: number
  /** Breaks ties between equal due times, bytewise; then the order of arming does. */
  readonly id: string
}

interface Entry extends ArmedTimer {
  readonly order: number
  run: (() => void) | undefined
}

/**
 * All timers of one worker behind a single timer of its clock: a binary heap by (due time, id, order of arming). Disarmed entries
 * stay in the heap until they are due or are the majority, so arming and disarming cost O(log n).
 */
export class TimerQueue {
  readonly #clock: Clock
  #heap: Entry[] = []
  #armed = 0
  #order = 0
  #alarm: { readonly dueAt: number; readonly timer: Timer } | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How many timers are armed. */
  get size(): number {
    return this.#armed
  }

  /** Due time of the earliest entry, ms since epoch; Infinity when there is none. */
  get nextDueAt(): number {
    return this.#heap[0]?.dueAt ?? Infinity
  }

  /** Runs `run` once, when the clock has reached `dueAt`. */
  arm(dueAt: number, id: string, run: () => void): ArmedTimer {
    const entry: Entry = { dueAt, id, order: this.#order++, run }
    this.#armed += 1
    this.#push(entry)
    if (this.#heap[0] === entry) this.#setAlarm()
    return entry
  }

  disarm(timer: ArmedTimer): void {
    const entry = timer as Entry
    if (entry.run === undefined) return
    entry.run = undefined
    this.#armed -= 1
    if (this.#heap.length > 64 && this.#armed * 2 < this.#heap.length) this.#compact()
    this.#dropDisarmed()
    this.#setAlarm()
  }

  /** Runs, in order, what is due before `now`, or at `now` when `inclusive`. What is armed meanwhile waits for the next call. */
  runDue(now: number, inclusive: boolean): void {
    const end = this.#order
    const armedMeanwhile: Entry[] = []
    try {
      for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
        if (inclusive ? first.dueAt > now : first.dueAt >= now) break
        this.#pop()
        if (first.order >= end) armedMeanwhile.push(first)
        else this.#run(first)
      }
    } finally {
      for (const entry of armedMeanwhile) this.#push(entry)
      this.#dropDisarmed()
      this.#setAlarm()
    }
  }

  /** Disarms everything. */
  close(): void {
    this.#heap = []
    this.#armed = 0
    this.#alarm?.timer.cancel()
    this.#alarm = undefined
  }

  #run(entry: Entry): void {
    const { run } = entry
    if (run === undefined) return
    entry.run = undefined
    this.#armed -= 1
    run()
  }

  #push(entry: Entry): void {
    this.#heap.push(entry)
    siftUp(this.#heap, this.#heap.length - 1)
  }

  #setAlarm(): void {
    const dueAt = this.nextDueAt
    if (this.#alarm?.dueAt === dueAt) return
    this.#alarm?.timer.cancel()
    this.#alarm =
      dueAt === Infinity ? undefined : { dueAt, timer: this.#clock.setTimer(dueAt, () => this.#ring()) }
  }

  #ring(): void {
    this.#alarm = undefined
    this.runDue(this.#clock.now(), true)
  }

  #dropDisarmed(): void {
    while (this.#heap[0] !== undefined && this.#heap[0].run === undefined) this.#pop()
  }

  #compact(): void {
    this.#heap = this.#heap.filter((entry) => entry.run !== undefined).sort(compare)
  }

  #pop(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    siftDown(this.#heap)
  }
}

function compare(a: Entry, b: Entry): number {
  if (a.dueAt !== b.dueAt) return a.dueAt - b.dueAt
  if (a.id !== b.id) return a.id < b.id ? -1 : 1
  return a.order - b.order
}

function siftUp(heap: Entry[], from: number): void {
  const entry = heap[from]!
  let at = from
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (compare(heap[parent]!, entry) <= 0) break
    heap[at] = heap[parent]!
    at = parent
  }
  heap[at] = entry
}

function siftDown(heap: Entry[]): void {
  const entry = heap[0]!
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && compare(heap[child + 1]!, heap[child]!) < 0) child += 1
    if (compare(entry, heap[child]!) <= 0) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = entry
}
