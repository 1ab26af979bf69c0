import type { Offer } from '@stigmergy/core'
import { Queue } from './queue.js'

export interface LaneLimits {
  readonly maxQueuedFrames: number
  readonly maxQueuedBytes: number
}

/** The frames that are under way from one address to one inbox. */
export class Lane {
  readonly from: string
  readonly #limits: LaneLimits
  readonly #onFrames: (lane: Lane) => void
  readonly #frames = new Queue<Uint8Array>()
  readonly #waiting = new Set<() => void>()
  #bytes = 0
  /** Size of the frame that was refused last. Without it, `writable` would resolve while that frame still has no room. */
  #refusedBytes = 0
  #onClosed: (() => void) | undefined
  #closed = false

  /** `onFrames` is called when an empty lane gets a frame. */
  constructor(from: string, limits: LaneLimits, onFrames: (lane: Lane) => void) {
    this.from = from
    this.#limits = limits
    this.#onFrames = onFrames
  }

  get empty(): boolean {
    return this.#frames.size === 0
  }

  /** Whether no sender uses it and nothing is under way. */
  get spent(): boolean {
    return this.#onClosed === undefined && this.empty
  }

  /** Gives the lane to a sender; `onClosed` is called when the inbox closes. */
  attach(onClosed: () => void): void {
    this.#onClosed = onClosed
  }

  /** Called when the sender closes: its waits end, its frames stay under way. */
  detach(): void {
    this.#onClosed = undefined
    this.#wake()
  }

  /** Queues a copy of the frame. */
  offer(frame: Uint8Array): Offer {
    if (this.#closed) return 'closed'
    if (!this.#fits(frame.length)) {
      this.#refusedBytes = frame.length
      return 'full'
    }
    this.#refusedBytes = 0
    this.#bytes += frame.length
    this.#frames.push(new Uint8Array(frame))
    if (this.#frames.size === 1) this.#onFrames(this)
    return 'sent'
  }

  /** The frame that arrives next. */
  take(): Uint8Array | undefined {
    const frame = this.#frames.shift()
    if (frame === undefined) return undefined
    this.#bytes -= frame.length
    if (this.#waiting.size > 0 && this.#fits(this.#refusedBytes)) this.#wake()
    return frame
  }

  /** Resolves when the frame that was refused last would fit. Rejects with the reason of the signal. */
  async writable(signal?: AbortSignal): Promise<void> {
    if (this.#closed || this.#fits(this.#refusedBytes)) return
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

  /** Called when the inbox closes: what is under way is dropped. */
  close(): void {
    this.#closed = true
    this.#frames.clear()
    this.#wake()
    this.#onClosed?.()
  }

  /** An empty lane takes any frame, so that a large one is never stuck. */
  #fits(bytes: number): boolean {
    if (this.empty) return true
    return (
      this.#frames.size < this.#limits.maxQueuedFrames && this.#bytes + bytes <= this.#limits.maxQueuedBytes
    )
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
}
