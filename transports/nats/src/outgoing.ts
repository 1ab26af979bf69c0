import { FifoQueue } from '@stigmergy/core'

/** So much may be under way before the receiver has said what it takes, in bytes. */
export const firstWindowBytes = 2 ** 16

/** What is under way from one endpoint to another: sent, and not known to be taken. */
export class Outgoing {
  readonly #maxFrames: number
  readonly #sizes = new FifoQueue<number>()
  readonly #waiting = new Set<() => void>()
  #bytes = 0
  #windowBytes = firstWindowBytes
  /** The number of the oldest frame that is under way. */
  #first = 0
  /** Size of the frame that was refused last. Without it, `writable` would resolve while that frame still has no room. */
  #refusedBytes = 0
  #isEnded = false

  constructor(maxFrames: number) {
    this.#maxFrames = maxFrames
  }

  /** The number of the frame that is sent next. */
  get next(): number {
    return this.#first + this.#sizes.size
  }

  /** Whether somebody waits for room. */
  get isAwaited(): boolean {
    return this.#waiting.size > 0
  }

  /** Whether there was room for a frame, which is under way then. */
  take(bytes: number): boolean {
    const fits = this.#fits(bytes)
    this.#refusedBytes = fits ? 0 : bytes
    if (!fits) return false
    this.#sizes.push(bytes)
    this.#bytes += bytes
    return true
  }

  /** The receiver has taken what is before `number`, or will never get it. */
  taken(number: number, windowBytes: number): void {
    this.#windowBytes = windowBytes
    while (this.#first < number && this.#sizes.size > 0) {
      this.#bytes -= this.#sizes.shift() ?? 0
      this.#first += 1
    }
    if (this.#waiting.size > 0 && this.#fits(this.#refusedBytes)) this.#wake()
  }

  /** Resolves when the frame that was refused last would fit. Rejects with the reason of the signal. */
  async writable(signal?: AbortSignal): Promise<void> {
    if (this.#isEnded || this.#fits(this.#refusedBytes)) return
    await waitIn(this.#waiting, signal)
  }

  /** Nothing is sent any more. */
  end(): void {
    this.#isEnded = true
    this.#wake()
  }

  /** With nothing under way any frame fits, so that a large one is never stuck. */
  #fits(bytes: number): boolean {
    if (this.#sizes.size === 0) return true
    return this.#sizes.size < this.#maxFrames && this.#bytes + bytes <= this.#windowBytes
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
}

/** Waits until what is added to `waiting` is called. Rejects with the reason of the signal. */
export async function waitIn(waiting: Set<() => void>, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    const abort = (): void => {
      waiting.delete(wake)
      reject(signal?.reason as Error)
    }
    const wake = (): void => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }
    waiting.add(wake)
    signal?.addEventListener('abort', abort, { once: true })
  })
}
