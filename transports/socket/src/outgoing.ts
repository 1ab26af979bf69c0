/** Messages are gathered in pieces of this size. */
const pieceBytes = 2 ** 16
/** Larger ones are written alone. */
const smallBytes = 2 ** 14

const nothing = new Uint8Array()

/** What is to be written: small messages of one callback of the event loop go together. */
export class Outgoing {
  readonly #write: (bytes: Uint8Array) => void
  #piece: Buffer | undefined
  /** What comes before is written. */
  #written = 0
  #end = 0
  #isDue = false

  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write
  }

  /** Copies both; they may be reused. */
  add(head: Uint8Array, content: Uint8Array = nothing): void {
    const bytes = head.length + content.length
    const room = bytes > smallBytes ? Buffer.allocUnsafeSlow(bytes) : this.#room(bytes)
    room.set(head)
    room.set(content, head.length)
    if (bytes > smallBytes) this.#writeAlone(room)
  }

  /** Takes over a message that nobody is going to change. */
  pass(message: Uint8Array): void {
    if (message.length > smallBytes) this.#writeAlone(message)
    else this.#room(message.length).set(message)
  }

  flush(): void {
    this.#isDue = false
    if (this.#piece === undefined || this.#end === this.#written) return
    const bytes = this.#piece.subarray(this.#written, this.#end)
    this.#written = this.#end
    this.#write(bytes)
  }

  #writeAlone(bytes: Uint8Array): void {
    this.flush()
    this.#write(bytes)
  }

  #room(bytes: number): Buffer {
    if (this.#piece === undefined || this.#end + bytes > pieceBytes) {
      this.flush()
      this.#piece = Buffer.allocUnsafeSlow(pieceBytes)
      this.#written = 0
      this.#end = 0
    }
    if (!this.#isDue) process.nextTick(() => this.flush())
    this.#isDue = true
    this.#end += bytes
    return this.#piece.subarray(this.#end - bytes, this.#end)
  }
}
