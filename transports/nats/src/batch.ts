import { lengthBytes } from './message.js'

/** Small frames that are offered in one turn go together up to this size, in bytes. */
const fullBytes = 2 ** 16
/** What is made room for at first. */
const firstBytes = 2 ** 10

/** Frames that leave in one message. */
export class Batch {
  #bytes: Buffer
  #end: number

  /** Begins with `head`, and has room for a first frame of this size. */
  constructor(head: Buffer, bytes: number) {
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(firstBytes, head.length + lengthBytes + bytes))
    this.#bytes.set(head)
    this.#end = head.length
  }

  /** Whether another frame of this size may go along. */
  fits(bytes: number): boolean {
    return this.#end + lengthBytes + bytes <= fullBytes
  }

  /** Copies the frame. */
  add(frame: Uint8Array): void {
    const end = this.#end + lengthBytes + frame.length
    if (end > this.#bytes.length) this.#grow(end)
    this.#bytes.writeUInt32BE(frame.length, this.#end)
    this.#bytes.set(frame, this.#end + lengthBytes)
    this.#end = end
  }

  /** The message; nothing may be added any more. */
  get message(): Buffer {
    return this.#bytes.subarray(0, this.#end)
  }

  #grow(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes, Math.min(2 * this.#bytes.length, fullBytes)))
    larger.set(this.#bytes.subarray(0, this.#end))
    this.#bytes = larger
  }
}
