import { sizeOf } from '../bucket/stored-object.js'
import type { Codec } from '../codec.js'
import type { ObjectStore, StoreHandle, ValuePort } from '../contract/index.js'
import { StigmergyError } from '../errors.js'
import { ArrivedValue, contentOf } from '../node/arrived-value.js'
import type { SentValue } from './shared-object.js'

export interface LuggageParts {
  /** Id of this node or client. */
  readonly node: () => string
  readonly codec: Codec
  readonly store: ObjectStore
  /** Undefined where every value travels inside of messages. */
  readonly values: ValuePort | undefined
  readonly inlineBytes: number
}

/** Packs values for the way to other members of the cluster, and unpacks what has come: small ones as bytes, others by tickets. */
export class Luggage {
  readonly #parts: LuggageParts

  constructor(parts: LuggageParts) {
    this.#parts = parts
  }

  /** A value in the store of this member, which holds it until `reclaim` when it is lent. */
  pack(handle: StoreHandle, bytes: number): SentValue {
    const { store, codec, values, inlineBytes, node } = this.#parts
    if (values === undefined || bytes <= inlineBytes) {
      const value = store.read(handle)
      const inline =
        value instanceof ArrivedValue && value.encoded !== undefined
          ? value.encoded
          : codec.encode(contentOf(value))
      if (values === undefined || inline.length <= inlineBytes) return { inline }
    }
    return { ticket: values.lend(handle), node: node() }
  }

  /** A value that is in no store yet. */
  async packValue(value: unknown): Promise<SentValue> {
    const { store } = this.#parts
    const bytes = sizeOf(value)
    const handle = await store.put(value, bytes)
    try {
      return this.pack(handle, bytes)
    } finally {
      store.release(handle)
    }
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
