import { sizeOf } from '../bucket/stored-object.js'
import type { Codec } from '../codec.js'
import type { ObjectStore, StoreHandle, ValuePort } from '../contract/index.js'
import { StigmergyError } from '../errors.js'
import { ArrivedValue, contentOf } from '../node/arrived-value.js'
import type { SentValue } from './shared-object.js'

export interface LuggageParts {
  /** Id of this node, or address of this client. */
  readonly node: () => string
  readonly codec: Codec
  readonly store: ObjectStore
  /** Undefined where every value travels inside of messages. */
  readonly values: ValuePort | undefined
  /** Larger values are lent, where there is a port. */
  readonly inlineBytes: number
  /** What a message may have, with a value inside of it. */
  readonly maxRecordBytes: number
}

/** What a message has besides the value. */
const envelopeBytes = 4_096

/** Packs values for the way to other members of the cluster, and unpacks what has come: small ones as bytes, others by tickets. */
export class Luggage {
  readonly #parts: LuggageParts

  constructor(parts: LuggageParts) {
    this.#parts = parts
  }

  /**
   * A value in the store of this member, which holds it until `reclaim` when it is lent. Throws `STG_TRANSPORT_FRAME_TOO_LARGE` for one that
   * fits into no message where none are lent.
   */
  pack(handle: StoreHandle, bytes: number): SentValue {
    const { store, codec, values, inlineBytes, maxRecordBytes, node } = this.#parts
    // The store may know that it is larger than was estimated.
    if (values === undefined || Math.max(bytes, handle.bytes) <= inlineBytes) {
      const value = store.read(handle)
      const inline =
        value instanceof ArrivedValue && value.encoded !== undefined
          ? value.encoded
          : codec.encode(contentOf(value))
      if (inline.length <= inlineBytes) return { inline }
      if (values === undefined) {
        const most = maxRecordBytes - envelopeBytes
        if (inline.length > most) throw tooLarge(inline.length, most)
        return { inline }
      }
    }
    return { ticket: values.lend(handle), node: node() }
  }

  /** A value that is in no store yet, or has just arrived from a worker. */
  async packValue(value: unknown): Promise<SentValue> {
    const { store } = this.#parts
    const bytes = sizeOf(value)
    const handle = await (value instanceof ArrivedValue ? value.enter() : store.put(value, bytes))
    try {
      return this.pack(handle, bytes)
    } finally {
      store.release(handle)
    }
  }

  /** A value that has come, as whoever puts it here may give it. Rejects with `STG_OBJECT_LOST`. */
  async arrive(value: SentValue, bytes: number, signal?: AbortSignal): Promise<ArrivedValue> {
    if ('inline' in value) return new ArrivedValue(bytes, value.inline, undefined, this.#parts)
    return new ArrivedValue(bytes, undefined, await this.unpack(value, bytes, signal), this.#parts)
  }

  /** Brings a value into the store of this member. Rejects with `STG_OBJECT_LOST`. */
  async unpack(value: SentValue, bytes: number, signal?: AbortSignal): Promise<StoreHandle> {
    const { values } = this.#parts
    if ('inline' in value) return new ArrivedValue(bytes, value.inline, undefined, this.#parts).enter()
    if (values === undefined) throw withoutValues()
    return values.fetch(value.ticket, signal)
  }

  /** The value itself, for whoever keeps it beyond the store. */
  async unpackValue(value: SentValue): Promise<unknown> {
    const { store, codec } = this.#parts
    if ('inline' in value) return codec.decode(value.inline)
    const handle = await this.unpack(value, 0)
    try {
      const read = contentOf(store.read(handle))
      return ArrayBuffer.isView(read) || read instanceof ArrayBuffer ? structuredClone(read) : read
    } finally {
      store.release(handle)
    }
  }

  /** Nobody will fetch these, which this member has lent. */
  reclaimAll(tickets: readonly Uint8Array[]): void {
    for (const ticket of tickets) this.#parts.values?.reclaim(ticket)
  }

  /** Nobody will fetch it. */
  reclaim(value: SentValue): void {
    if ('ticket' in value) this.#parts.values?.reclaim(value.ticket)
  }
}

function withoutValues(): StigmergyError {
  return new StigmergyError(
    'STG_CONFIG_INVALID',
    'A value is to be fetched from another node, and the config of this one has no values, such as tcp(); the package stigmergy has it as its default.',
  )
}

function tooLarge(bytes: number, most: number): StigmergyError {
  return new StigmergyError(
    'STG_TRANSPORT_FRAME_TOO_LARGE',
    `A value of ${bytes} bytes does not fit into a message, which takes ${most}; give the config of the cluster values, such as tcp(), or raise max_payload of the servers.`,
    { details: { bytes, most } },
  )
}
