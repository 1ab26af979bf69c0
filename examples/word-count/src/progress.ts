import { Presets, SingleBar } from 'cli-progress'
import { size } from './format.js'

/** Tells people how far the counting is. Disposing it ends that. */
export interface Progress extends Disposable {
  /** So many more bytes have been counted. */
  add(bytes: number): void
}

/** A bar on a terminal, elsewhere a line every five seconds. */
export function showProgress(stream: NodeJS.WriteStream, totalBytes: number): Progress {
  return stream.isTTY ? new Bar(stream, totalBytes) : new Lines(stream, totalBytes)
}

class Bar implements Progress {
  readonly #bar: SingleBar

  constructor(stream: NodeJS.WriteStream, totalBytes: number) {
    const options = {
      stream,
      format: '{bar} {percentage} % of {all}',
      clearOnComplete: true,
      hideCursor: true,
      gracefulExit: false,
    }
    this.#bar = new SingleBar(options, Presets.shades_classic)
    this.#bar.start(Math.max(1, totalBytes), 0, { all: size(totalBytes) })
  }

  add(bytes: number): void {
    this.#bar.increment(bytes)
  }

  [Symbol.dispose](): void {
    this.#bar.stop()
  }
}

const pauseMs = 5_000

class Lines implements Progress {
  #bytes = 0
  #nextAt = performance.now() + pauseMs

  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly totalBytes: number,
  ) {}

  add(bytes: number): void {
    this.#bytes += bytes
    if (performance.now() < this.#nextAt) return
    this.#nextAt += pauseMs
    this.stream.write(`${size(this.#bytes)} of ${size(this.totalBytes)} counted\n`)
  }

  [Symbol.dispose](): void {}
}
