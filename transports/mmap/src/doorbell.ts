import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { Socket, type OnReadOpts, type SocketConstructorOpts } from 'node:net'
import type { Mapping } from './mapping.js'
import type { Roster } from './roster.js'

export interface DoorbellParts {
  readonly mapping: Mapping
  readonly roster: Roster
  readonly member: number
  readonly path: string
}

/**
 * The bell of this member: a FIFO that its event loop watches, and a word that says whether anybody needs to write to it. A member that
 * goes to sleep makes the word odd and looks once more for what has come meanwhile: those who write look at the word afterwards, so
 * one of the two sees the other.
 *
 * The event loop watches it as a stream of Node.js: it wakes as fast as a bare descriptor does, it runs what `receive` has promised, and
 * a thread that is ended while it is rung takes nobody with it.
 */
export class Doorbell {
  readonly #parts: DoorbellParts
  readonly #socket: Socket
  /** Called when somebody has rung. */
  #run: (() => void) | undefined

  constructor(parts: DoorbellParts) {
    this.#parts = parts
    // Open for writing as well: a FIFO whose last writer closes is at its end.
    const fd = parts.mapping.openFifo(parts.path)
    const onread = { buffer: new Uint8Array(4_096), callback: () => this.#rung() }
    const options: SocketConstructorOpts & { readonly onread: OnReadOpts } = { fd, writable: false, onread }
    this.#socket = new Socket({ ...options, readable: true }).unref()
    this.awake()
  }

  /** Calls `run` when somebody rings, and keeps the process alive, until `stop`. */
  start(run: () => void): void {
    this.#run = run
    this.#socket.ref()
  }

  stop(): void {
    this.#run = undefined
    this.#socket.unref()
  }

  /** From now on senders ring. */
  asleep(): void {
    const { roster, member } = this.#parts
    roster.setSleep(member, roster.sleep(member) | 1)
  }

  /** From now on senders need not ring. */
  awake(): void {
    const { roster, member } = this.#parts
    const sleep = roster.sleep(member)
    if ((sleep & 1) === 1) roster.setSleep(member, (sleep + 1) | 0)
  }

  async close(): Promise<void> {
    this.stop()
    rmSync(this.#parts.path, { force: true })
    const closed = once(this.#socket, 'close')
    this.#socket.destroy()
    await closed
  }

  /** Returns whether to read on. */
  #rung(): boolean {
    this.#run?.()
    return true
  }
}
