import type { OpenAddress } from './address-book.js'
import type { FrameLimits } from './options.js'

/** What is under way from one endpoint to another: sent, and not taken by the receiver yet. */
export class Outbound {
  readonly to: OpenAddress
  readonly #limits: FrameLimits
  readonly #waiting = new Set<() => void>()
  #frames = 0
  #bytes = 0
  /** Size of the frame that was refused last. Without it, `writable` would resolve while that frame still has no room. */
  #refusedBytes = 0
  #isClosed = false

  constructor(to: OpenAddress, limits: FrameLimits) {
    this.to = to
    this.#limits = limits
  }

  /** Whether there was room for a frame, which is under way then. */
  take(bytes: number): boolean {
    const fits = this.#fits(bytes)
    this.#refusedBytes = fits ? 0 : bytes
    if (!fits) return false
    this.#frames += 1
    this.#bytes += bytes
    return true
  }

  /** The receiver has taken frames. */
  arrived(frames: number, bytes: number): void {
    this.#frames -= frames
    this.#bytes -= bytes
    if (this.#waiting.size > 0 && this.#fits(this.#refusedBytes)) this.#wake()
  }

  /** Resolves when the frame that was refused last would fit. Rejects with the reason of the signal. */
  async writable(signal?: AbortSignal): Promise<void> {
    if (this.#isClosed || this.#fits(this.#refusedBytes)) return
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.delete(wake)
        reject(signal?.reason as Error)
      }
      const wake = (): void => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      this.#waiting.add(wake)
      signal?.addEventListener('abort', abort, { once: true })
    })
  }

  /** One of the two ends has closed. */
  close(): void {
    this.#isClosed = true
    this.#wake()
  }

  /** With nothing under way any frame fits, so that a large one is never stuck. */
  #fits(bytes: number): boolean {
    const { maxQueuedFrames, maxQueuedBytes } = this.#limits
    if (this.#frames === 0) return true
    return this.#frames < maxQueuedFrames && this.#bytes + bytes <= maxQueuedBytes
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
}
