import { open, type FileHandle } from 'node:fs/promises'
import { Pair } from './pair.js'

/** Some bytes of pairs: held, or a part of a file. */
export type Piece =
  | { readonly held: Uint8Array; readonly bytes: number }
  | { readonly file: string; readonly at: number; readonly bytes: number }

/** Reads pieces. A file is opened once for all. */
export class PieceReader implements AsyncDisposable {
  readonly #files = new Map<string, FileHandle>()

  /** Fills the beginning of `bytes` with pieces, one behind the other. Returns where the last one ends. */
  async read(pieces: readonly Piece[], bytes: Buffer): Promise<number> {
    let at = 0
    for (const piece of pieces) {
      const room = bytes.subarray(at, (at += piece.bytes))
      if ('held' in piece) room.set(piece.held)
      else await readAll(await this.#file(piece.file), room, piece.at)
    }
    return at
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const file of this.#files.values()) await file.close()
  }

  async #file(path: string): Promise<FileHandle> {
    const known = this.#files.get(path)
    if (known !== undefined) return known
    const file = await open(path)
    this.#files.set(path, file)
    return file
  }
}

async function readAll(file: FileHandle, room: Buffer, at: number): Promise<void> {
  for (let done = 0; done < room.length;) {
    const { bytesRead } = await file.read(room, done, room.length - done, at + done)
    if (bytesRead === 0) throw new Error('A spill file is shorter than it was')
    done += bytesRead
  }
}

/** The pairs of pieces, in the order in which they stand. A pair is valid until the next. */
export async function* pairsOf(pieces: readonly Piece[]): AsyncGenerator<Pair, void, undefined> {
  await using reader = new PieceReader()
  const pair = new Pair()
  for (const piece of pieces) {
    const bytes = Buffer.allocUnsafe(piece.bytes)
    await reader.read([piece], bytes)
    for (let at = 0; at < bytes.length; at = pair.end) {
      pair.read(bytes, at)
      yield pair
    }
  }
}
