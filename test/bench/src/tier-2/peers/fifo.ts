import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import koffi, { type node } from 'koffi'

/** Makes a pipe with a name. */
export function makeFifo(path: string): void {
  execFileSync('mkfifo', [path])
}

/** A pipe with a name, watched by the event loop: the cheapest way to wake one, between threads as between processes. */
export class Fifo {
  readonly #file: number
  readonly #number = new Float64Array(1)
  /** Held, because a collected one wakes nobody. */
  readonly #watch: node.PollHandle | undefined

  /** `onNumber` is called for each number that was sent, with a function that reads it. */
  constructor(path: string, onWake?: (read: () => number) => void) {
    // Both ends at once, because opening one would wait for the other.
    this.#file = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
    const read = (): number => this.#read()
    this.#watch = onWake && koffi.node.poll(this.#file, { readable: true }, () => onWake(read))
  }

  send(number: number): void {
    this.#number[0] = number
    writeSync(this.#file, this.#number)
  }

  close(): void {
    this.#watch?.close()
    closeSync(this.#file)
  }

  #read(): number {
    readSync(this.#file, this.#number)
    return this.#number[0]!
  }
}
