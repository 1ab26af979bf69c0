import { Slice } from './slice.js'

/** How input is cut into records. */
export interface RecordFormat<R> {
  /** Bytes of each record; 1 where records end wherever they end. */
  readonly size: number
  /** The first place after `from` where input can be cut; -1 if there is none up to `to`. */
  cut(bytes: Buffer, from: number, to: number): number
  /** The end of the record that begins at `from`; -1 if it ends behind `to`. */
  end(bytes: Buffer, from: number, to: number): number
  /** The record, with what ends it. */
  record(bytes: Buffer, start: number, end: number): R
}

const newline = 0x0a
const isNewline = tableOf((byte) => byte === newline)

/** Lines of UTF-8 without what ends them, which is LF or CRLF. The last one may end with the file. */
export function lines(): RecordFormat<string> {
  const end: RecordFormat<string>['end'] = (bytes, from, to) => firstCut(isNewline, bytes, from, to)
  return {
    size: 1,
    cut: end,
    end,
    record: (bytes, start, end) => {
      const feed = bytes[end - 1] === newline ? 1 : 0
      const carriage = feed === 1 && end - 2 >= start && bytes[end - 2] === 0x0d ? 1 : 0
      return bytes.toString('utf8', start, end - feed - carriage)
    },
  }
}

/** Records of `size` bytes each. */
export function fixed(size: number): RecordFormat<Slice> {
  const end: RecordFormat<Slice>['end'] = (_bytes, from, to) => (from + size <= to ? from + size : -1)
  return { size, cut: end, end, record: slice }
}

/** As many whole records of `size` bytes at a time as are there. */
export function fixedRuns(size: number): RecordFormat<Slice> {
  const end: RecordFormat<Slice>['end'] = (_bytes, from, to) =>
    from + size <= to ? to - ((to - from) % size) : -1
  return { size, cut: end, end, record: slice }
}

/** Many bytes at a time, cut only behind those bytes that `endsWith` accepts: for a map that finds its records itself. */
export function pieces(endsWith: (byte: number) => boolean): RecordFormat<Slice> {
  const ends = tableOf(endsWith)
  return {
    size: 1,
    cut: (bytes, from, to) => firstCut(ends, bytes, from, to),
    end: (bytes, from, to) => {
      for (let at = to; at > from; at -= 1) if (ends[bytes[at - 1]!] === 1) return at
      return -1
    },
    record: slice,
  }
}

function slice(bytes: Buffer, start: number, end: number): Slice {
  return new Slice(bytes, start, end)
}

function tableOf(accepts: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => Number(accepts(byte)))
}

function firstCut(ends: Uint8Array, bytes: Buffer, from: number, to: number): number {
  for (let at = from; at < to; at += 1) if (ends[bytes[at]!] === 1) return at + 1
  return -1
}
