import { lengthBytes, Message } from './message.js'

/** Finds the messages in a stream of bytes. One that has come in one piece is not copied. */
export class MessageReader {
  /** The largest message that the other side may send, in bytes. */
  largestBytes: number
  readonly #onMessage: (message: Message) => void
  /** The first bytes of a message whose length is not known yet. */
  #start: Buffer | undefined
  /** A message that has come in part, in room for all of it. */
  #message: Buffer | undefined
  #filled = 0

  constructor(largestBytes: number, onMessage: (message: Message) => void) {
    this.largestBytes = largestBytes
    this.#onMessage = onMessage
  }

  /** Throws a `RangeError` where the stream cannot be one of messages. */
  push(chunk: Buffer): void {
    let rest = this.#start === undefined ? chunk : Buffer.concat([this.#start, chunk])
    this.#start = undefined
    if (this.#message !== undefined) rest = this.#fill(this.#message, rest)
    while (rest.length >= lengthBytes) rest = this.#next(rest)
    if (rest.length > 0) this.#start = rest
  }

  /** Takes one message, or the beginning of one, and returns what comes after it. */
  #next(bytes: Buffer): Buffer {
    const total = lengthBytes + bytes.readUInt32BE(0)
    if (total === lengthBytes || total > this.largestBytes)
      throw new RangeError(`A message of ${total} bytes cannot be one.`)
    if (total > bytes.length) {
      this.#filled = 0
      this.#message = Buffer.allocUnsafeSlow(total)
      return this.#fill(this.#message, bytes)
    }
    this.#onMessage(new Message(bytes.subarray(0, total)))
    return bytes.subarray(total)
  }

  #fill(message: Buffer, bytes: Buffer): Buffer {
    const taken = bytes.copy(message, this.#filled)
    this.#filled += taken
    if (this.#filled < message.length) return bytes.subarray(taken)
    this.#message = undefined
    this.#onMessage(new Message(message))
    return bytes.subarray(taken)
  }
}
