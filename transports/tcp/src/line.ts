import { connect, Socket, type OnReadOpts, type SocketConstructorOpts } from 'node:net'
import type { Address } from './address.js'
import { Intake } from './intake.js'
import { Violation } from './violation.js'

/** How often the system asks whether the other machine is still there, in ms, when nothing is said. */
const keepAliveMs = 30_000
/** More than this is not written at a time besides chunks, in bytes: one who does not read and yet asks is cut off. */
const mostUnreadBytes = 2 ** 20

/** A connection whose bytes go where its intake says, without being moved on the way. */
export class Line {
  readonly intake = new Intake()
  readonly #socket: Socket
  #why: Error | undefined
  #chunkBytes = 0

  private constructor(open: (onread: OnReadOpts) => Socket) {
    this.#socket = open({
      buffer: () => this.intake.room,
      callback: (bytes) => {
        this.#take(bytes)
        return true
      },
    })
    this.#socket.setNoDelay(true).setKeepAlive(true, keepAliveMs)
    this.#socket.on('error', (error) => (this.#why ??= error)) // 'close' comes after it
    this.#socket.on('end', () => this.#socket.destroy())
  }

  static dial({ host, port }: Address): Line {
    return new Line((onread) => connect({ host, port, onread }))
  }

  /** Takes over a connection that has been accepted, paused, and not read from. */
  static accept(socket: Socket, inPlace = true): Line {
    return new Line(
      (onread) => (inPlace ? readInPlace(socket, onread) : undefined) ?? readCopies(socket, onread),
    )
  }

  /** Called once, with what went wrong if anything did. */
  onClosed(closed: (why: Error | undefined) => void): void {
    this.#socket.once('close', () => closed(this.#why))
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed
  }

  /** Small messages, which must not pile up: one who does not take them is cut off. */
  send(bytes: Uint8Array): void {
    if (!this.#socket.writable) return
    this.#socket.write(bytes)
    if (this.#socket.writableLength - this.#chunkBytes > mostUnreadBytes)
      this.destroy(new Violation('The other side asks and does not read the answers.'))
  }

  /** Bytes that stay where they are until `done` is called, which it is in any case. */
  sendChunk(head: Uint8Array, bytes: Uint8Array, done: () => void): void {
    this.#chunkBytes += bytes.length
    this.#socket.cork()
    this.#socket.write(head)
    this.#socket.write(bytes, () => {
      this.#chunkBytes -= bytes.length
      done()
    })
    this.#socket.uncork()
  }

  /** Writes what was sent, and ends. */
  end(): void {
    this.#socket.end(() => this.#socket.destroy())
  }

  destroy(why?: Error): void {
    this.#why ??= why
    this.#socket.destroy()
  }

  #take(bytes: number): void {
    if (this.#socket.destroyed) return
    try {
      this.intake.take(bytes)
    } catch (error) {
      if (!(error instanceof Violation)) throw error
      this.destroy(error)
    }
  }
}

/** What a socket is made of, as far as it is needed here. Not documented, and so looked at before it is used. */
interface WithHandle {
  _handle?: { readonly useUserBuffer?: unknown } | null
}

/**
 * A server of Node.js has no way to say where the bytes of a connection go, so its handle gets another socket that has. What the server
 * knows of the connection ends with it. Undefined where handles are different.
 */
function readInPlace(accepted: Socket, onread: OnReadOpts): Socket | undefined {
  const holder = accepted as WithHandle
  const handle = holder._handle
  if (typeof handle?.useUserBuffer !== 'function') return undefined
  holder._handle = null
  const socket = new Socket({ handle, onread } as SocketConstructorOpts)
  socket.once('close', () => accepted.destroy())
  return socket
}

/** The same with a copy, from where Node.js has put the bytes. */
function readCopies(socket: Socket, onread: OnReadOpts): Socket {
  const room = onread.buffer as () => Uint8Array
  socket.on('data', (bytes: Buffer) => {
    for (let at = 0; at < bytes.length && !socket.destroyed;) {
      const target = room()
      const taken = bytes.copy(target, 0, at)
      at += taken
      onread.callback(taken, target)
    }
  })
  return socket.resume()
}
