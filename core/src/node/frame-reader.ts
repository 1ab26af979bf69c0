import { Decoder } from 'cbor-x'
import { frameLayout } from './frame-layout.js'

const { textsAtOffset, fieldsOffset, wholeBase, isMore } = frameLayout
const cbor = new Decoder({ useRecords: true, mapsAsObjects: false, copyBuffers: true })
const nothing = new Uint8Array()
const numberBytes = 8
/** A text may begin with the mark of byte order, which is a character like any other. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** Reads the fields that a `FrameWriter` has written, in the same order. Nothing that it returns is part of the frame. */
export class FrameReader {
  #bytes: Uint8Array = nothing
  #view: DataView = new DataView(nothing.buffer)
  #at = 0
  #texts = ''
  #textAt = 0

  /** Begins to read a message, which must stay what it is until all of its fields have been read. */
  begin(frame: Uint8Array): void {
    this.#view = new DataView(frame.buffer, frame.byteOffset, frame.length)
    const textsAt = this.#view.getUint32(textsAtOffset)
    this.#bytes = frame
    this.#at = fieldsOffset
    this.#texts = textsAt === frame.length ? '' : utf8.decode(frame.subarray(textsAt))
    this.#textAt = 0
  }

  whole(): number {
    let value = 0
    let factor = 1
    let byte = this.#byte()
    while (byte >= isMore) {
      value += (byte - isMore) * factor
      factor *= wholeBase
      byte = this.#byte()
    }
    return value + byte * factor
  }

  number(): number {
    this.#at += numberBytes
    return this.#view.getFloat64(this.#at - numberBytes)
  }

  /** A text that is always there. */
  text(): string {
    return this.optionalText() ?? ''
  }

  optionalText(): string | undefined {
    const units = this.whole() - 1
    if (units < 0) return undefined
    this.#textAt += units
    return this.#texts.slice(this.#textAt - units, this.#textAt)
  }

  bytes(): Uint8Array {
    return this.#take(this.whole()).slice()
  }

  other(): unknown {
    const length = this.whole()
    return length === 0 ? undefined : (cbor.decode(this.#take(length)) as unknown)
  }

  #byte(): number {
    const byte = this.#bytes[this.#at]!
    this.#at += 1
    return byte
  }

  #take(length: number): Uint8Array {
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }
}
