import { Encoder } from 'cbor-x'
import { StigmergyError } from '../errors.js'
import { frameLayout } from './frame-layout.js'

const { textsAtOffset, fieldsOffset, wholeBase, isMore } = frameLayout
/** Room for what most messages need. Larger ones get their own, so that a rare one does not keep its room for ever. */
const usualBytes = 4_096
/** Most bytes of UTF-8 that one UTF-16 unit of a text needs. */
const bytesPerUnit = 3
const wholeBytes = 8
const numberBytes = 8
const cbor = new Encoder({ useRecords: true, mapsAsObjects: false, copyBuffers: true })
const utf8 = new TextEncoder()

/** Writes the fields of one message after the other, as drawn in `frame-layout.ts`. A `FrameReader` reads them in the same order. */
export class FrameWriter {
  #bytes = new Uint8Array(usualBytes)
  #view = new DataView(this.#bytes.buffer)
  #at: number = fieldsOffset
  #texts = ''

  /** Begins a new message; the last one may be overwritten from now on. */
  begin(): void {
    if (this.#bytes.length > usualBytes) this.#use(new Uint8Array(usualBytes))
    this.#at = fieldsOffset
    this.#texts = ''
  }

  /** The message, valid until the next `begin`. */
  end(): Uint8Array {
    const textsAt = this.#at
    const most = this.#texts.length * bytesPerUnit
    this.#makeRoom(most)
    const room = this.#bytes.subarray(textsAt, textsAt + most)
    const end = textsAt + utf8.encodeInto(this.#texts, room).written
    this.#view.setUint32(textsAtOffset, textsAt)
    return this.#bytes.subarray(0, end)
  }

  /** A whole number from 0 to 2^53 - 1. */
  whole(value: number): void {
    this.#makeRoom(wholeBytes)
    let rest = value
    while (rest >= wholeBase) {
      this.#bytes[this.#at] = (rest % wholeBase) | isMore
      this.#at += 1
      rest = Math.floor(rest / wholeBase)
    }
    this.#bytes[this.#at] = rest
    this.#at += 1
  }

  number(value: number): void {
    this.#makeRoom(numberBytes)
    this.#view.setFloat64(this.#at, value)
    this.#at += numberBytes
  }

  text(value: string | undefined): void {
    if (value === undefined) return this.whole(0)
    this.whole(value.length + 1)
    this.#texts += value
  }

  bytes(value: Uint8Array): void {
    this.whole(value.length)
    this.#makeRoom(value.length)
    this.#bytes.set(value, this.#at)
    this.#at += value.length
  }

  /** Anything that CBOR can carry. Throws `STG_CODEC_UNSUPPORTED` for what it cannot. */
  other(value: unknown): void {
    if (value === undefined) return this.whole(0)
    try {
      this.bytes(cbor.encode(value))
    } catch (cause) {
      throw new StigmergyError('STG_CODEC_UNSUPPORTED', `A message cannot be encoded: ${String(cause)}.`, {
        cause,
      })
    }
  }

  #makeRoom(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return
    const larger = new Uint8Array(2 * (this.#at + bytes))
    larger.set(this.#bytes.subarray(0, this.#at))
    this.#use(larger)
  }

  #use(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
  }
}
