import type { Endpoint } from '../contract/index.js'
import { FifoQueue } from '../worker/run-queue.js'
import { partsOf } from './parts.js'

/**
 * Frames to one peer, in order. What the transport has no room for waits here. It is bounded by what may be under way: a
 * home sends so many runs to a worker, and either side answers what the other has sent.
 */
export class Outbox {
  readonly #endpoint: Endpoint
  readonly #peer: string
  readonly #waiting = new FifoQueue<Uint8Array>()
  #isWaiting = false

  constructor(endpoint: Endpoint, peer: string) {
    this.#endpoint = endpoint
    this.#peer = peer
  }

  /** Frames that wait for room. */
  get size(): number {
    return this.#waiting.size
  }

  /** The message may be reused afterwards. Messages to a peer that is gone are dropped: its loss is told otherwise. */
  send(message: Uint8Array): void {
    const { maxFrameBytes } = this.#endpoint
    if (message.length <= maxFrameBytes) return this.#sendFrame(message)
    for (const part of partsOf(message, maxFrameBytes)) this.#sendFrame(part)
  }

  #sendFrame(frame: Uint8Array): void {
    if (this.#waiting.size === 0 && this.#endpoint.offer(this.#peer, frame) !== 'full') return
    this.#waiting.push(new Uint8Array(frame))
    void this.#whenWritable()
  }

  async #whenWritable(): Promise<void> {
    if (this.#isWaiting) return
    this.#isWaiting = true
    while (this.#waiting.size > 0) {
      await this.#endpoint.writable(this.#peer)
      while (this.#waiting.size > 0 && this.#endpoint.offer(this.#peer, this.#waiting.peek()!) !== 'full')
        this.#waiting.shift()
    }
    this.#isWaiting = false
  }
}
