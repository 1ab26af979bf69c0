import { CborCodec, StigmergyError, type Codec } from '@stigmergy/core'
import { Encoder } from 'cbor-x'

/** How structured values become bytes of a block. */
export interface Encoding {
  /** The bytes, which stay as they are only until the next call. In `room` when they fitted there. */
  encode(value: unknown, room: Uint8Array | undefined): Uint8Array
  /** What it returns shares no memory with `bytes`. */
  decode(bytes: Uint8Array): unknown
}

/** CBOR as `CborCodec` writes it, written to where it is going to be read; or any other codec, with a copy more. */
export function encodingOf(codec: Codec | undefined): Encoding {
  if (codec === undefined) return new CborEncoding()
  return {
    encode: (value) => codec.encode(value),
    decode: (bytes) => codec.decode(new Uint8Array(bytes)),
  }
}

/** cbor-x has one buffer that all its encoders in a thread write to, so one that was lent must be taken back before anyone else writes. */
const scratchBytes = 8192

/** What its types leave out. */
interface LendingEncoder extends Encoder {
  useBuffer(buffer: Uint8Array): void
}

class CborEncoding implements Encoding {
  readonly #cbor = new Encoder({
    useRecords: true,
    mapsAsObjects: false,
    copyBuffers: true,
  }) as LendingEncoder
  readonly #codec = new CborCodec()

  encode(value: unknown, room: Uint8Array | undefined): Uint8Array {
    if (room === undefined) return this.#encode(value)
    this.#cbor.useBuffer(Buffer.from(room.buffer, room.byteOffset, room.length))
    try {
      return this.#encode(value)
    } finally {
      this.#cbor.useBuffer(Buffer.allocUnsafeSlow(scratchBytes))
    }
  }

  decode(bytes: Uint8Array): unknown {
    return this.#codec.decode(bytes)
  }

  #encode(value: unknown): Uint8Array {
    try {
      return this.#cbor.encode(value)
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new StigmergyError('STG_CODEC_UNSUPPORTED', `The value cannot be encoded: ${why}.`, { cause })
    }
  }
}
