import {
  rawOf,
  StigmergyError,
  valueKinds,
  type Codec,
  type ObjectStore,
  type StoreHandle,
} from '@stigmergy/core'
import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { derive, Tag } from './keys.js'
import { idBytes } from './ticket.js'

/** A value that others may fetch. */
export interface Lent {
  readonly id: Buffer
  readonly handle: StoreHandle
  /** As in `valueKinds`. */
  readonly kind: number
  /** That travel. */
  readonly bytes: number
  /** Of encoded bytes: a CRC-32, to know them again. */
  readonly digest: number
  /** By chunk, as far as they were sent: the same for every borrower. */
  readonly tags: Buffer[]
  readonly key: Buffer
}

export interface LentValuesParts {
  readonly store: ObjectStore
  readonly codec: Codec
  readonly secret: Uint8Array
  readonly chunkBytes: number
  readonly most: number
  readonly encodedBytes: number
}

/** The values that a port lends, each of which it holds. */
export class LentValues {
  readonly #parts: LentValuesParts
  readonly #values = new Map<string, Lent>()
  /** Of values that are not binary, the least recently used first. */
  readonly #encoded = new Map<Lent, Uint8Array>()
  #encodedBytes = 0

  constructor(parts: LentValuesParts) {
    this.#parts = parts
  }

  get size(): number {
    return this.#values.size
  }

  add(handle: StoreHandle): Lent {
    const { store, secret, most } = this.#parts
    if (this.#values.size >= most) throw tooMany(most)
    const value = store.read(handle)
    const raw = rawOf(value)
    const bytes = raw?.bytes ?? this.#encode(value)
    const id = randomBytes(idBytes)
    const lent: Lent = {
      id,
      handle,
      kind: raw?.kind ?? valueKinds.cbor,
      bytes: bytes.length,
      digest: raw === undefined ? crc32(bytes) : 0,
      tags: [],
      key: chunkKey(secret, id),
    }
    store.retain(handle)
    this.#values.set(nameOf(id), lent)
    if (raw === undefined) this.#keep(lent, bytes)
    return lent
  }

  find(id: Uint8Array): Lent | undefined {
    return this.#values.get(nameOf(id))
  }

  /** The bytes that travel, in place if they can be; undefined when the value is not any more what was lent. */
  bytesOf(lent: Lent): Uint8Array | undefined {
    const value = this.#parts.store.read(lent.handle)
    if (lent.kind !== valueKinds.cbor) return rawOf(value)?.bytes
    const bytes = this.#encoded.get(lent) ?? this.#encode(value)
    if (bytes.length !== lent.bytes || crc32(bytes) !== lent.digest) return undefined
    this.#keep(lent, bytes)
    return bytes
  }

  /** The tag of the chunk that has this number. */
  tagOf(lent: Lent, chunk: number, bytes: Uint8Array): Buffer {
    return (lent.tags[chunk] ??= new Tag(lent.key, chunk).add(bytes).take())
  }

  /** What was lent, if it is lent still. */
  remove(id: Uint8Array): Lent | undefined {
    const lent = this.find(id)
    if (lent === undefined) return undefined
    this.#values.delete(nameOf(id))
    this.#forget(lent)
    this.#parts.store.release(lent.handle)
    return lent
  }

  clear(): void {
    for (const { id } of this.#values.values()) this.remove(id)
  }

  /** Bytes that the codec does not use again. */
  #encode(value: unknown): Uint8Array {
    return this.#parts.codec.encode(value)
  }

  #keep(lent: Lent, bytes: Uint8Array): void {
    this.#forget(lent)
    this.#encoded.set(lent, bytes)
    this.#encodedBytes += bytes.length
    for (const oldest of this.#encoded.keys()) {
      if (this.#encodedBytes <= this.#parts.encodedBytes) return
      this.#forget(oldest)
    }
  }

  #forget(lent: Lent): void {
    this.#encodedBytes -= this.#encoded.get(lent)?.length ?? 0
    this.#encoded.delete(lent)
  }
}

/** What chunks of a value are authenticated with, by their numbers. */
export function chunkKey(secret: Uint8Array, id: Uint8Array): Buffer {
  return derive(secret, 'chunks', id)
}

export function nameOf(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.length).toString('latin1')
}

function tooMany(most: number): StigmergyError {
  const message = `${most} values are lent already; reclaim some, or raise limits.lent.`
  return new StigmergyError('STG_STORE_FULL', message, { retryable: true, details: { lent: most } })
}
