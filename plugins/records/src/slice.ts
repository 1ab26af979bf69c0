/** A part of some bytes. One that a function is given is valid until the function returns: `copy` what is to be kept. */
export class Slice {
  constructor(
    readonly bytes: Buffer,
    readonly start: number,
    readonly end: number,
  ) {}

  /** All of some bytes, without a copy. */
  static of(this: void, { buffer, byteOffset, length }: Uint8Array): Slice {
    return new Slice(Buffer.from(buffer, byteOffset, length), 0, length)
  }

  get length(): number {
    return this.end - this.start
  }

  /** A part of the part; places count from its start. */
  part(from: number, to = this.end - this.start): Slice {
    return new Slice(this.bytes, this.start + from, this.start + to)
  }

  copy(): Slice {
    return new Slice(Buffer.from(this.toBytes()), 0, this.length)
  }

  /** The same bytes, not a copy. */
  toBytes(): Buffer {
    return this.bytes.subarray(this.start, this.end)
  }

  /** Below, at or above zero as the bytes come before, are, or come after those of the other one. */
  compare({ bytes, start, end }: Slice): number {
    return this.bytes.compare(bytes, start, end, this.start, this.end)
  }

  /** As UTF-8; what is not becomes U+FFFD. */
  toString(): string {
    return this.bytes.toString('utf8', this.start, this.end)
  }
}
