import { closeSync, openSync, read } from 'node:fs'
import { promisify } from 'node:util'
import type { RecordFormat } from './formats.js'
import { InputProblem } from './problems.js'

/** A part of a file. The records that begin in it belong to it. */
export interface FileRange {
  readonly file: string
  readonly start: number
  readonly end: number
  /** Of the whole file, in bytes. */
  readonly size: number
}

/** Where a record begins. */
export interface Position {
  readonly file: string
  /** Bytes before it. */
  readonly offset: number
}

/** What is read into: the beginning of `bytes`, `room` bytes long. */
export interface Window {
  readonly bytes: Buffer
  readonly room: number
}

/** How far records are looked for at a time. */
const searchBytes = 16_384

/**
 * Calls `each` with every record of a range, and with the place where it begins. Holds one window, or the longest record if that is
 * longer. Throws `InputProblem`, and what `each` throws.
 */
export async function readRecords<R>(
  range: FileRange,
  format: RecordFormat<R>,
  window: Window,
  signal: AbortSignal,
  each: (record: R, offset: number) => void,
): Promise<void> {
  using reader = new RangeReader(range)
  const start = await reader.firstRecord(format, window, range.start, range.end)
  if (start >= range.end) return
  const end = await reader.firstRecord(format, window, range.end, range.size)
  let { bytes, room } = window
  for (let at = start, kept = 0; at < end;) {
    if (kept * 2 > room) bytes = withRoom(bytes, kept, (room *= 2))
    const filled = kept + (await reader.read(bytes, kept, Math.min(room - kept, end - at), at))
    signal.throwIfAborted()
    at += filled - kept
    const first = at - filled
    let from = 0
    for (let next = format.end(bytes, 0, filled); next !== -1; next = format.end(bytes, from, filled)) {
      each(format.record(bytes, from, next), first + from)
      from = next
    }
    if (at === end && from < filled) each(format.record(bytes, from, filled), first + from)
    bytes.copyWithin(0, from, filled)
    kept = filled - from
  }
}

const readSome = promisify(read)

/** Reads a file, and tells of every failure as an `InputProblem`. */
class RangeReader implements Disposable {
  readonly #file: string
  readonly #fd: number

  constructor({ file }: FileRange) {
    this.#file = file
    try {
      this.#fd = openSync(file, 'r')
    } catch (error) {
      throw InputProblem.of(file, error)
    }
  }

  /** Where the first record begins from `at` on; `end` if none does before. */
  async firstRecord(
    format: RecordFormat<unknown>,
    { bytes, room }: Window,
    at: number,
    end: number,
  ): Promise<number> {
    if (at === 0 || at >= end || format.size > 1) return Math.min(at, end)
    for (let from = at - 1; from < end;) {
      const read = await this.read(bytes, 0, Math.min(room, searchBytes, end - from), from)
      const cut = format.cut(bytes, 0, read)
      if (cut !== -1) return from + cut
      from += read
    }
    return end
  }

  /** Returns how many bytes there were, at least one. */
  async read(bytes: Buffer, at: number, length: number, from: number): Promise<number> {
    try {
      const { bytesRead } = await readSome(this.#fd, bytes, at, length, from)
      if (bytesRead > 0) return bytesRead
    } catch (error) {
      throw InputProblem.of(this.#file, error)
    }
    throw new InputProblem(this.#file, 'it became shorter while it was read')
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd)
  }
}

function withRoom(bytes: Buffer, kept: number, room: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(room)
  bytes.copy(larger, 0, 0, kept)
  return larger
}
