import { isRaw, viewOf } from '@stigmergy/core'
import type { Control } from './control.js'
import type { Encoding } from './encoding.js'
import type { Entry } from './entry.js'
import type { Segment } from './segment.js'
import { readSpilled } from './spill.js'
import { wrongBlock } from './store-errors.js'
import type { Views } from './views.js'

/** Reads values from where their slots say that they are. Binary values are read in place, all others are decoded. */
export class BlockReader {
  constructor(
    private readonly control: Control,
    private readonly encoding: Encoding,
    private readonly views: Views,
  ) {}

  read(entry: Entry): unknown {
    if (entry.file !== undefined)
      return this.#value(entry, readSpilled(this.control, entry.file), this.control.directory)
    const segment = entry.lease?.foreign.segment ?? entry.block?.home.segment
    if (segment === undefined) return undefined
    checkBounds(entry, segment)
    if (isRaw(entry.kind))
      return this.#value(entry, this.views.open(entry, segment, entry.offset), segment.path)
    return this.encoding.decode(new Uint8Array(segment.buffer, entry.offset, entry.length))
  }

  #value({ kind }: Entry, bytes: ArrayBuffer, path: string): unknown {
    if (!isRaw(kind)) return this.encoding.decode(new Uint8Array(bytes))
    const value = viewOf(kind, bytes)
    if (value === undefined) throw wrongBlock(path)
    return value
  }
}

/** What a file says is not believed, since a wild read ends the process. */
function checkBounds({ offset, length }: Entry, segment: Segment): void {
  const sound =
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(length) &&
    length >= 0 &&
    offset >= segment.data &&
    offset + length <= segment.bytes
  if (!sound) throw wrongBlock(segment.path)
}
