import { Encoder } from 'cbor-x'
import { StigmergyError } from './errors.js'

/** Turns values into bytes that cross a boundary, and back. */
export interface Codec {
  /** Throws `STG_CODEC_UNSUPPORTED` for functions, symbols and cycles. The bytes belong to the caller. */
  encode(value: unknown): Uint8Array
  /** Throws `STG_CODEC_UNSUPPORTED` for bytes that `encode` cannot have written. */
  decode(bytes: Uint8Array): unknown
}

/** CBOR (RFC 8949) by cbor-x: plain values, `Map`, `Set`, `Date`, bigint and typed arrays read back equal. */
export class CborCodec implements Codec {
  readonly #cbor = new Encoder({ useRecords: true, mapsAsObjects: false, copyBuffers: true })

  encode(value: unknown): Uint8Array {
    try {
      return new Uint8Array(this.#cbor.encode(value))
    } catch (cause) {
      throw new StigmergyError('STG_CODEC_UNSUPPORTED', `The value cannot be encoded: ${reason(cause)}.`, {
        cause,
      })
    }
  }

  decode(bytes: Uint8Array): unknown {
    try {
      return this.#cbor.decode(bytes) as unknown
    } catch (cause) {
      throw new StigmergyError(
        'STG_CODEC_UNSUPPORTED',
        `${bytes.length} bytes are not CBOR: ${reason(cause)}.`,
        { cause },
      )
    }
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
