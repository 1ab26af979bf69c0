import { FifoQueue, type Clock, type StigmergyError, type Timer } from '@stigmergy/core'

/** Something that waits for room. */
export interface Waiting {
  /** Takes the room and resolves the promise, if there is room now. */
  admit(): boolean
  /** The time is up: does without memory, or rejects the promise. */
  giveUp(): void
  reject(reason: StigmergyError): void
}

interface Place {
  readonly waiting: Waiting
  readonly dueAt: number
}

/** Other windows free room without a word, so a window that waits looks for it: often at first, then less so. */
const soonestMs = 1
const latestMs = 16

/** Those who wait for room, first come first served: a small one never overtakes a large one. */
export class WaitingLine {
  readonly #line = new FifoQueue<Place>()
  #pollMs = soonestMs
  #timer: Timer | undefined

  constructor(
    private readonly clock: Clock,
    private readonly waitMs: number,
  ) {}

  get size(): number {
    return this.#line.size
  }

  add(waiting: Waiting): void {
    this.#line.push({ waiting, dueAt: this.clock.now() + this.waitMs })
    this.#arm()
  }

  /** Room may have come. */
  admit(): void {
    let first = this.#line.peek()
    while (first !== undefined && first.waiting.admit()) {
      this.#line.shift()
      this.#pollMs = soonestMs
      first = this.#line.peek()
    }
    if (first === undefined) this.#disarm()
  }

  close(reason: () => StigmergyError): void {
    this.#disarm()
    for (let place = this.#line.shift(); place !== undefined; place = this.#line.shift())
      place.waiting.reject(reason())
  }

  #arm(): void {
    const first = this.#line.peek()
    if (first === undefined) return
    const pollAt = this.clock.now() + this.#pollMs
    this.#timer ??= this.clock.setTimer(Math.min(first.dueAt, pollAt), () => this.#look())
  }

  #look(): void {
    this.#timer = undefined
    this.#pollMs = Math.min(this.#pollMs * 2, latestMs)
    this.admit()
    const now = this.clock.now()
    for (
      let first = this.#line.peek();
      first !== undefined && first.dueAt <= now;
      first = this.#line.peek()
    ) {
      this.#line.shift()
      first.waiting.giveUp()
    }
    this.admit()
    this.#arm()
  }

  #disarm(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }
}
