const pauseMs = 5_000

/** Tells people how far the work is: in one line that changes on a terminal, elsewhere in a line every five seconds. */
export class ProgressLine implements Disposable {
  #nextAt = performance.now() + pauseMs
  #shown = ''

  constructor(private readonly out: NodeJS.WriteStream) {}

  /** So much of what `what` says is done, from 0 to 1. */
  report(what: string, done: number): void {
    const text = `${what}: ${Math.floor(done * 100)} %`
    if (text === this.#shown) return
    if (this.out.isTTY) this.#replace(text)
    else if (performance.now() >= this.#nextAt) this.#append(text)
  }

  [Symbol.dispose](): void {
    if (this.out.isTTY && this.#shown !== '') this.#replace('')
  }

  #replace(text: string): void {
    this.#shown = text
    this.out.cursorTo(0)
    this.out.write(text)
    this.out.clearLine(1)
  }

  #append(text: string): void {
    this.#shown = text
    this.#nextAt += pauseMs
    this.out.write(`${text}\n`)
  }
}
