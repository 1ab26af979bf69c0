import type { Codec } from '../codec.js'
import type { ObjectStore, StoreHandle } from '../contract/index.js'

/**
 * A value that has come from another worker, as bytes or as a place in the store that both see. Bytes stay bytes until somebody reads
 * the value, so that what only passes through is not decoded.
 */
export class ArrivedValue {
  readonly #codec: Codec
  readonly #store: ObjectStore
  #handle: StoreHandle | undefined
  #content: { readonly value: unknown } | undefined

  constructor(
    /** Size to account for, as the one who put it has measured it. */
    readonly bytes: number,
    /** The value as the codec has written it; undefined for one in the store. */
    readonly encoded: Uint8Array | undefined,
    handle: StoreHandle | undefined,
    { codec, store }: { readonly codec: Codec; readonly store: ObjectStore },
  ) {
    this.#handle = handle
    this.#codec = codec
    this.#store = store
  }

  get content(): unknown {
    if (this.#content !== undefined) return this.#content.value
    if (this.encoded === undefined) return this.#store.read(this.#handle!)
    this.#content = { value: this.#codec.decode(this.encoded) }
    return this.#content.value
  }

  /** Moves it into the store of this worker. */
  enter(): StoreHandle | Promise<StoreHandle> {
    const handle = this.#handle
    if (handle === undefined) return this.#store.put(this, this.bytes)
    this.#handle = undefined
    return handle
  }

  /** Gives back what nobody has moved into the store. */
  leave(): void {
    if (this.#handle !== undefined) this.#store.release(this.#handle)
    this.#handle = undefined
  }
}

/** What a value is to those who read it, wherever it came from. */
export function contentOf(value: unknown): unknown {
  return value instanceof ArrivedValue ? value.content : value
}
