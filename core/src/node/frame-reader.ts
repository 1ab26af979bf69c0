import { Decoder } from 'cbor-x'
import { frameLayout } from './frame-layout.js'

const { textsAtOffset, fieldsOffset, wholeBase, isMore } = frameLayout
const cbor = new Decoder({ useRecords: true, mapsAsObjects: false, copyBuffers: true })
const nothing = new Uint8Array()
/** A text may begin with the mark of byte order, which is a character like any other. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** Reads the fields that a `FrameWriter` has written, in the same order. Nothing that it returns is part of the frame. */
export class FrameReader {
  #bytes: Uint8Array = nothing
  #at = 0
  #texts = ''
  #textAt = 0
  readonly #number = new Float64Array(1)
  readonly #numberBytes = new Uint8Array(this.#number.buffer)

  /** Begins to read a message, which must stay what it is until all of its fields have been read. */
  begin(frame: Uint8Array): void {
    let textsAt = 0
    for (let byte = 0; byte < fieldsOffset; byte += 1)
      textsAt += frame[textsAtOffset + byte]! * 2 ** (8 * byte)
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
    for (let byte = 0; byte < this.#numberBytes.length; byte += 1) this.#numberBytes[byte] = this.#byte()
    return this.#number[0]!
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
