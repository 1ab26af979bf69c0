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
    return encodeBy(this.#cbor, value)
  }

  decode(bytes: Uint8Array): unknown {
    return decodeBy(this.#cbor, bytes)
  }
}

/**
 * CBOR for small messages of our own. The same values read back equal, but objects are written field by field: to say first what kinds of
 * them there are takes twice as long, and pays off for many of one kind only.
 */
export class MessageCodec implements Codec {
  readonly #cbor = new Encoder({ useRecords: false, mapsAsObjects: true, copyBuffers: true })

  encode(value: unknown): Uint8Array {
    return encodeBy(this.#cbor, value)
  }

  decode(bytes: Uint8Array): unknown {
    return decodeBy(this.#cbor, bytes)
  }
}

function encodeBy(cbor: Encoder, value: unknown): Uint8Array {
  try {
    return new Uint8Array(cbor.encode(value))
  } catch (cause) {
    throw new StigmergyError('STG_CODEC_UNSUPPORTED', `The value cannot be encoded: ${reason(cause)}.`, {
      cause,
    })
  }
}

function decodeBy(cbor: Encoder, bytes: Uint8Array): unknown {
  try {
    return cbor.decode(bytes) as unknown
  } catch (cause) {
    throw new StigmergyError(
      'STG_CODEC_UNSUPPORTED',
      `${bytes.length} bytes are not CBOR: ${reason(cause)}.`,
      { cause },
    )
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
