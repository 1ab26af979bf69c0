import { StigmergyError } from '@stigmergy/core'
import type { Ring } from './ring.js'
import { frameKind, framedBytes, ringLayout, type FrameKind } from './ring-layout.js'

const { tailWord, headWord, waitingWord, dataOffset, frameHeaderBytes, kindShift, lengthMask } = ringLayout
const dataWord = dataOffset >> 2

/** The receiving side of a ring: `next` shows a frame in place, `advance` gives its room back. */
export class RingReader {
  readonly #ring: Ring
  readonly #words: Int32Array
  #head: number
  #tail: number
  /** Size of the frame that is shown. */
  #size = 0
  /** Of the frame that is shown. */
  kind: FrameKind = frameKind.data
  /** Of the frame that is shown. */
  link = 0

  constructor(ring: Ring) {
    this.#ring = ring
    this.#words = ring.words
    this.#head = Atomics.load(ring.words, headWord)
    this.#tail = this.#head
  }

  get empty(): boolean {
    return this.#head === this.#tail && this.#head === Atomics.load(this.#words, tailWord)
  }

  /** The content of the next frame, valid until `advance`; `kind` and `link` say what it is. Throws `STG_STORE_CORRUPT`. */
  next(): Uint8Array | undefined {
    if (this.#head === this.#tail) {
      this.#tail = Atomics.load(this.#words, tailWord)
      if (this.#head === this.#tail) return undefined
    }
    const at = this.#head & (this.#ring.capacity - 1)
    const word = dataWord + (at >> 2)
    const header = this.#words[word] ?? 0
    const length = header & lengthMask
    this.#size = framedBytes(length)
    if (this.#size > (this.#tail - this.#head) >>> 0 || at + this.#size > this.#ring.capacity)
      throw corrupt(this.#head, length)
    this.kind = (header >>> kindShift) as FrameKind
    this.link = this.#words[word + 1] ?? 0
    return this.#ring.bytes.subarray(at + frameHeaderBytes, at + frameHeaderBytes + length)
  }

  advance(): void {
    this.#head = (this.#head + this.#size) | 0
    Atomics.store(this.#words, headWord, this.#head)
  }

  /** Whether the sender wants to be rung because there is room again. Asked once, it counts as answered. */
  takeWaiting(): boolean {
    if (Atomics.load(this.#words, waitingWord) === 0) return false
    return Atomics.exchange(this.#words, waitingWord, 0) === 1
  }
}

function corrupt(position: number, length: number): StigmergyError {
  const message = `A ring has a frame of ${length} bytes at ${position >>> 0}, which reaches out of what was written.`
  return new StigmergyError('STG_STORE_CORRUPT', message, { details: { position: position >>> 0, length } })
}
