import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { AppendFile } from './append-file.js'
import type { Order } from './order.js'
import { type Piece, PieceReader } from './pieces.js'
import { Region } from './region.js'
import { Held, merged, Run, type Source } from './sources.js'

/** A run is read with at least so many bytes. */
const leastRoom = 4_096

/** Sorts pairs, of which half of an arena holds as many as it can. More are sorted in runs, which are merged from a file. */
export class Sorting implements AsyncDisposable {
  readonly #runs: AppendFile

  constructor(
    private readonly arena: Buffer,
    private readonly order: Order,
    folder: string,
  ) {
    this.#runs = new AppendFile(join(folder, `runs-${randomUUID()}`), 'w')
  }

  /** The pairs of pieces, none of which is larger than half of the arena, in order; equal keys stay in theirs. */
  async sorted(pieces: readonly Piece[], signal: AbortSignal): Promise<Source> {
    using reader = new PieceReader()
    const parts = partsOf(pieces, this.arena.length >>> 1)
    if (parts.length === 1) return this.#sortPart(reader, parts[0]!)
    const borders = [0]
    for (const part of parts) {
      borders.push(this.#writeRun(this.#sortPart(reader, part)))
      await setImmediate()
      signal.throwIfAborted()
    }
    return this.#merge(borders)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#runs[Symbol.dispose]()
    await rm(this.#runs.path, { force: true })
  }

  #sortPart(reader: PieceReader, pieces: readonly Piece[]): Source {
    const bytes = reader.read(pieces, this.arena)
    return new Held(this.arena, this.order.sort(this.arena, bytes))
  }

  /** Returns where the run ends. */
  #writeRun(source: Source): number {
    const { arena } = this
    const region = new Region(arena, arena.length >>> 1, arena.length, this.#runs)
    while (source.next()) region.addPair(source.pair.key, source.pair.value)
    return this.#runs.writeNow(region.bytes) + region.bytes.length
  }

  #merge(borders: readonly number[]): Source {
    const room = Math.max(leastRoom, Math.floor((this.arena.length >>> 1) / (borders.length - 1)))
    const runs = borders.slice(1).map((end, index) => {
      const own = (index + 1) * room <= this.arena.length >>> 1
      const bytes = own ? this.arena.subarray(index * room, (index + 1) * room) : Buffer.allocUnsafeSlow(room)
      return new Run(this.#runs.fd, borders[index]!, end, bytes)
    })
    return merged(runs)
  }
}

/** Divides pieces into parts of so many bytes at most; at least one part, which may be empty. */
function partsOf(pieces: readonly Piece[], most: number): readonly (readonly Piece[])[] {
  const parts: Piece[][] = [[]]
  let bytes = 0
  for (const piece of pieces) {
    if (bytes + piece.bytes > most) {
      parts.push([])
      bytes = 0
    }
    parts.at(-1)!.push(piece)
    bytes += piece.bytes
  }
  return parts
}
