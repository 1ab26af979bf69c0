import { closeSync, openSync, readSync } from 'node:fs'
import { Pair } from './pair.js'

/** Some bytes of pairs: held, or a part of a file. */
export type Piece =
  | { readonly held: Uint8Array; readonly bytes: number }
  | { readonly file: string; readonly at: number; readonly bytes: number }

/** Reads pieces. It does not wait: what was written a moment ago is still in memory, and waiting for it costs more than copying it. */
export class PieceReader implements Disposable {
  readonly #files = new Map<string, number>()

  /** Fills the beginning of `bytes` with pieces, one behind the other. Returns where the last one ends. */
  read(pieces: readonly Piece[], bytes: Buffer): number {
    let at = 0
    for (const piece of pieces) {
      if ('held' in piece) bytes.set(piece.held, at)
      else this.#readFile(piece, bytes, at)
      at += piece.bytes
    }
    return at
  }

  [Symbol.dispose](): void {
    for (const fd of this.#files.values()) closeSync(fd)
  }

  #readFile(
    { file, at: from, bytes: length }: Exclude<Piece, { held: unknown }>,
    bytes: Buffer,
    at: number,
  ): void {
    const fd = this.#files.get(file) ?? openSync(file, 'r')
    this.#files.set(file, fd)
    for (let done = 0; done < length;) {
      const read = readSync(fd, bytes, at + done, length - done, from + done)
      if (read === 0) throw new Error(`${file} is shorter than it was`)
      done += read
    }
  }
}

/** The pairs of pieces, in the order in which they stand. A pair is valid until the next. */
export function* pairsOf(pieces: readonly Piece[]): Generator<Pair, void, undefined> {
  using reader = new PieceReader()
  const pair = new Pair()
  for (const piece of pieces) {
    const bytes = Buffer.allocUnsafe(piece.bytes)
    reader.read([piece], bytes)
    for (let at = 0; at < bytes.length; at = pair.end) {
      pair.read(bytes, at)
      yield pair
    }
  }
}
