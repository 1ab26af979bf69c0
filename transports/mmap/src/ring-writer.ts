import type { Ring } from './ring.js'
import { frameKind, framedBytes, ringLayout, type FrameKind } from './ring-layout.js'

/** One of the flows that share a ring. */
export interface Flow {
  /** Unique in the ring. */
  readonly id: number
  /** Bytes that are under way. The writer keeps it. */
  inFlight: number
}

const { tailWord, headWord, waitingWord, dataOffset, frameHeaderBytes, kindShift, lengthMask } = ringLayout
const dataWord = dataOffset >> 2

/**
 * The sending side of a ring. A frame is there for the receiver when its last byte is, and not at all before: the store of the
 * tail commits it.
 *
 * No flow can take all the room: it may have as much under way as it leaves free. So one flow alone gets half of the ring, and a flow
 * that has nothing under way finds room for a frame while the others wait.
 */
export class RingWriter {
  readonly #ring: Ring
  readonly #words: Int32Array
  readonly #flows = new Map<number, Flow>()
  #tail = 0
  /** Everything before it is known to be received. It follows the head, and has been taken off its flows. */
  #reclaimed = 0

  constructor(ring: Ring) {
    this.#ring = ring
    this.#words = ring.words
  }

  attach(flow: Flow): void {
    this.#flows.set(flow.id, flow)
  }

  detach(flow: Flow): void {
    this.#flows.delete(flow.id)
  }

  /** Whether a frame of this length has room now. */
  fits(flow: Flow, length: number): boolean {
    const need = this.#need(length)
    if (this.#admits(flow, need)) return true
    this.#reclaim()
    return this.#admits(flow, need)
  }

  /** Copies a frame into the ring and commits it, if it has room. */
  write(flow: Flow, kind: FrameKind, content: Uint8Array): boolean {
    if (!this.fits(flow, content.length)) return false
    const { capacity, bytes } = this.#ring
    const size = framedBytes(content.length)
    let at = this.#tail & (capacity - 1)
    if (size > capacity - at) at = this.#pad(flow, at)
    this.#header(at, kind, content.length, flow.id)
    bytes.set(content, at + frameHeaderBytes)
    this.#tail = (this.#tail + size) | 0
    flow.inFlight += size
    Atomics.store(this.#words, tailWord, this.#tail)
    return true
  }

  /** Asks the receiver to ring when it has received something. Look for room again after this, and only then wait. */
  awaitRoom(): void {
    Atomics.store(this.#words, waitingWord, 1)
  }

  /** Not committed by itself: the frame that follows commits it. */
  #pad(flow: Flow, at: number): number {
    const gap = this.#ring.capacity - at
    this.#header(at, frameKind.padding, gap - frameHeaderBytes, flow.id)
    this.#tail = (this.#tail + gap) | 0
    flow.inFlight += gap
    return 0
  }

  #header(at: number, kind: FrameKind, length: number, flow: number): void {
    const word = dataWord + (at >> 2)
    this.#words[word] = (kind << kindShift) | length
    this.#words[word + 1] = flow
  }

  #need(length: number): number {
    const size = framedBytes(length)
    const toEnd = this.#ring.capacity - (this.#tail & (this.#ring.capacity - 1))
    return size > toEnd ? toEnd + size : size
  }

  #admits(flow: Flow, need: number): boolean {
    const free = this.#ring.capacity - ((this.#tail - this.#reclaimed) >>> 0)
    return need <= free && (flow.inFlight === 0 || flow.inFlight + need <= free)
  }

  /** Walks the frames that were received since the last time: until they are overwritten, they say whose they were. */
  #reclaim(): void {
    const head = Atomics.load(this.#words, headWord)
    while (this.#reclaimed !== head) {
      const word = dataWord + ((this.#reclaimed & (this.#ring.capacity - 1)) >> 2)
      const size = framedBytes((this.#words[word] ?? 0) & lengthMask)
      const flow = this.#flows.get(this.#words[word + 1] ?? 0)
      if (flow !== undefined) flow.inFlight -= size
      this.#reclaimed = (this.#reclaimed + size) | 0
    }
  }
}
