import type { Socket } from 'node:net'
import { encode, encodeFrameHead, type Message } from './message.js'
import { MessageReader } from './message-reader.js'
import { Outgoing } from './outgoing.js'
import { outliveWrites } from './outlive-writes.js'

export interface ConnectionListener {
  message(message: Message): void
  /** Called once, after the last message. */
  closed(): void
}

/** After so many turns without a byte, nothing more is going to come. */
const idleTurns = 2
/** What systems keep of a sender that is gone is less than this. */
const mostDrainedBytes = 2 ** 24

/** One end of a socket, for messages. */
export class Connection {
  readonly #socket: Socket
  readonly #listener: ConnectionListener
  readonly #reader: MessageReader
  readonly #outgoing: Outgoing
  readonly #closed: Promise<void>
  #isDraining = false

  constructor(socket: Socket, largestBytes: number, listener: ConnectionListener) {
    this.#socket = socket
    this.#listener = listener
    this.#reader = new MessageReader(largestBytes, (message) => this.#listener.message(message))
    this.#outgoing = new Outgoing((bytes) => this.#write(bytes))
    outliveWrites(socket, () => this.drain())
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()))
    socket.once('close', () => this.#listener.closed())
    socket.on('error', () => undefined) // 'close' comes after it
    socket.on('data', (bytes) => this.#read(bytes))
  }

  /** From now on the other side may send messages of this size. */
  allow(largestBytes: number): void {
    this.#reader.largestBytes = largestBytes
  }

  send(kind: number, numbers: readonly number[], rest?: Uint8Array): void {
    this.#outgoing.add(encode(kind, numbers, rest))
  }

  /** The frame may be reused afterwards. */
  sendFrame(from: number, to: number, frame: Uint8Array): void {
    this.#outgoing.add(encodeFrameHead(from, to, frame.length), frame)
  }

  /** Passes on a message that has come over another connection. */
  pass(message: Message): void {
    this.#outgoing.pass(message.bytes)
  }

  /** Gives what was sent to the system before the event loop goes on, if the system has room for it. */
  flush(): void {
    this.#outgoing.flush()
  }

  /** Whether the process lives on for it. */
  keepAlive(alive: boolean): void {
    if (alive) this.#socket.ref()
    else this.#socket.unref()
  }

  /** Ends it when it has said nothing for so long; 0 for never. */
  limitSilence(ms: number): void {
    this.#socket.setTimeout(ms, () => this.destroy())
  }

  /** Writes what was sent, and waits until both sides have ended. */
  async end(): Promise<void> {
    this.#outgoing.flush()
    this.#socket.ref()
    this.#socket.end()
    await this.#closed
  }

  /** Reads what has been under way when this was called, and then ends it. */
  drain(): void {
    if (this.#isDraining) return
    this.#isDraining = true
    const startBytes = this.#socket.bytesRead
    let seenBytes = startBytes
    let idle = 0
    const look = (): void => {
      const { bytesRead, destroyed } = this.#socket
      if (destroyed) return
      idle = bytesRead === seenBytes ? idle + 1 : 0
      seenBytes = bytesRead
      if (idle > idleTurns || bytesRead - startBytes > mostDrainedBytes) this.destroy()
      else setImmediate(look)
    }
    setImmediate(look)
  }

  /** Ends it at once. */
  destroy(): void {
    this.#socket.destroy()
  }

  #write(bytes: Uint8Array): void {
    if (this.#socket.writable && !this.#isDraining) this.#socket.write(bytes)
  }

  #read(bytes: Buffer): void {
    try {
      this.#reader.push(bytes)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      this.#socket.destroy(error)
    }
  }
}
