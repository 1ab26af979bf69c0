import type { WriteStream } from 'node:tty'
import type { Case } from './case.js'

/** Tells how far a run is: in one line that changes on a terminal, else in a line per group of cases. */
export class Progress {
  readonly #out: WriteStream

  constructor(out: WriteStream) {
    this.#out = out
  }

  /** Turn number `turn`, from 1, is about to begin. */
  report(group: readonly Case[], turn: number, turns: number): void {
    const names = group.map(({ name }) => name).join(', ')
    if (this.#out.isTTY) this.#replaceLine(`${names}: turn ${turn} of ${turns}`)
    else if (turn === 1) this.#out.write(`${names}: ${turns} turns\n`)
  }

  /** Leaves the terminal to the results. */
  end(): void {
    if (this.#out.isTTY) this.#replaceLine('')
  }

  #replaceLine(text: string): void {
    this.#out.cursorTo(0)
    this.#out.write(text)
    this.#out.clearLine(1)
  }
}
