import { closeSync, constants, openSync, readSync, rmSync } from 'node:fs'
import type { Mapping, Watch } from './mapping.js'
import type { Roster } from './roster.js'
import { isSystemError } from './system-error.js'

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
 */
export class Doorbell {
  readonly #parts: DoorbellParts
  readonly #fd: number
  readonly #bytes = new Uint8Array(4_096)
  #watch: Watch | undefined

  constructor(parts: DoorbellParts) {
    this.#parts = parts
    parts.mapping.makeFifo(parts.path)
    // Open for writing as well: a FIFO whose last writer closes is at its end, and wakes its reader without pause.
    this.#fd = openSync(parts.path, constants.O_RDWR | constants.O_NONBLOCK)
    this.awake()
  }

  /** Calls `run` when somebody rings, until `silence`, and keeps the process alive, until `stop`. */
  start(run: () => void): void {
    this.#watch ??= this.#parts.mapping.watch(this.#fd, run)
  }

  stop(): void {
    this.#watch?.close()
    this.#watch = undefined
  }

  /** Takes the bytes that woke this member. Not to be called asleep: they might be those that are to wake it. */
  silence(): void {
    try {
      readSync(this.#fd, this.#bytes)
    } catch (error) {
      if (!isSystemError(error, 'EAGAIN')) throw error
    }
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

  close(): void {
    this.stop()
    closeSync(this.#fd)
    rmSync(this.#parts.path, { force: true })
  }
}
