import { recordBytes, type Records } from './record.js'

const symbols = 94
const firstSymbol = '!'.charCodeAt(0)
const digits = Buffer.from('0123456789abcdef')
const numberAt = 12
const numberDigits = 16

/**
 * Writes records `first` and following, as many as there is room for: lines of printable text, each with a random key of ten
 * symbols, its own number, and filler. The same seed gives the same records, wherever one begins.
 */
export function writeRandomRecords(room: Records, first: number, seed: number): void {
  const { bytes } = room
  for (let at = 0, record = first; at < bytes.length; at += recordBytes, record += 1) {
    const end = at + recordBytes - 1
    bytes.fill(firstSymbol + 32 + (record % 26), at, end)
    bytes[end] = 0x0a
    writeKey(bytes, at, record, seed)
    writeNumber(bytes, at, record)
  }
}

/** Ten symbols: four, four and two out of 32 random bits each. */
function writeKey(bytes: Uint8Array, at: number, record: number, seed: number): void {
  for (let symbol = 0, random = 0; symbol < 10; symbol += 1) {
    if (symbol % 4 === 0) random = mixed(mixed(record + symbol * 0x9e3779b1) + seed)
    bytes[at + symbol] = firstSymbol + (random % symbols)
    random = Math.floor(random / symbols)
  }
}

/** The number between two spaces on each side, so that it is a field of its own for tools that know fields. */
function writeNumber(bytes: Uint8Array, at: number, record: number): void {
  bytes.fill(0x20, at + numberAt - 2, at + numberAt + numberDigits + 2)
  for (let digit = numberDigits - 1, rest = record; digit >= 0; digit -= 1, rest = Math.floor(rest / 16))
    bytes[at + numberAt + digit] = digits[rest % 16]!
}

/** Scatters 32 bits (the finalizer of MurmurHash3). */
function mixed(value: number): number {
  let hash = value | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
