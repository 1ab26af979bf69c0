import { StigmergyError } from '@stigmergy/core'
import { descriptor as at } from './layout.js'

/** What a descriptor names. */
export interface Address {
  readonly member: number
  readonly epoch: number
  readonly segment: number
  readonly slot: number
  readonly generation: number
}

/** The key of a node. Who does not know it makes no descriptors that the node takes. */
export type Key = readonly [number, number]

/** Writes the bytes that name a value, with a tag that only members of the node can make. */
export function packDescriptor(address: Address, key: Key): Uint8Array {
  const words = [address.member, address.epoch, address.segment, address.slot, address.generation]
  const bytes = new Uint8Array(at.bytes)
  const [low, high] = tagOf(words, key)
  words.push(low, high)
  for (let word = 0; word < words.length; word += 1) write(bytes, word * 4, words[word] ?? 0)
  return bytes
}

/** Throws `STG_STORE_DESCRIPTOR` unless `packDescriptor` wrote exactly these bytes, with the same key. */
export function unpackDescriptor(bytes: Uint8Array, key: Key): Address {
  if (bytes.length !== at.bytes) throw unknownDescriptor()
  const member = read(bytes, 0)
  const epoch = read(bytes, 4)
  const segment = read(bytes, 8)
  const slot = read(bytes, 12)
  const generation = read(bytes, 16)
  const [low, high] = tagOf([member, epoch, segment, slot, generation], key)
  if (low !== read(bytes, 20) || high !== read(bytes, 24)) throw unknownDescriptor()
  return { member, epoch, segment, slot, generation }
}

/** The error for what is stale, forged or of another store. */
export function unknownDescriptor(): StigmergyError {
  return new StigmergyError('STG_STORE_DESCRIPTOR', 'The descriptor names no value of this store.')
}

function read(bytes: Uint8Array, at: number): number {
  const [one = 0, two = 0, three = 0, four = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]
  return (one | (two << 8) | (three << 16) | (four << 24)) >>> 0
}

function write(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word
  bytes[at + 1] = word >>> 8
  bytes[at + 2] = word >>> 16
  bytes[at + 3] = word >>> 24
}

/** HalfSipHash-2-4 with 64 bits: a keyed checksum that is made for short messages and 32-bit words. */
function tagOf(words: readonly number[], [key0, key1]: Key): readonly [number, number] {
  const state = new SipState(key0, key1)
  for (const word of words) state.add(word)
  state.add(words.length << 26)
  return state.end()
}

class SipState {
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(key0: number, key1: number) {
    this.#a = key0 | 0
    this.#b = (key1 ^ 0xee) | 0
    this.#c = key0 ^ 0x6c_79_67_65
    this.#d = key1 ^ 0x74_65_64_62
  }

  add(word: number): void {
    this.#d ^= word
    this.#mix(2)
    this.#a ^= word
  }

  end(): readonly [number, number] {
    this.#c ^= 0xee
    this.#mix(4)
    const low = (this.#b ^ this.#d) >>> 0
    this.#b ^= 0xdd
    this.#mix(4)
    return [low, (this.#b ^ this.#d) >>> 0]
  }

  #mix(rounds: number): void {
    let [a, b, c, d] = [this.#a, this.#b, this.#c, this.#d]
    for (let round = 0; round < rounds; round += 1) {
      a = (a + b) | 0
      b = ((b << 5) | (b >>> 27)) ^ a
      a = (a << 16) | (a >>> 16)
      c = (c + d) | 0
      d = ((d << 8) | (d >>> 24)) ^ c
      a = (a + d) | 0
      d = ((d << 7) | (d >>> 25)) ^ a
      c = (c + b) | 0
      b = ((b << 13) | (b >>> 19)) ^ c
      c = (c << 16) | (c >>> 16)
    }
    this.#a = a
    this.#b = b
    this.#c = c
    this.#d = d
  }
}
