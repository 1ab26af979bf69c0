/** What a message between two endpoints is about. */
export const Kind = {
  /** Asks whether somebody hears. */
  Ping: 0,
  /** Frames. */
  Frames: 1,
  /** Frames have been taken. */
  Ack: 2,
  /** As frames, but there are none: the sender has no room, and wants to know what has been taken. */
  Ask: 3,
  /** The sender has closed. */
  Bye: 4,
} as const

/**
 * The beginning of all messages, in bytes: kind (1), claims of the receiver and of the sender (6 each), which number of a frame the sender
 * has taken of the receiver up to (6), how many bytes it lets be under way (4), flags (1).
 */
const headBytes = 24
/** Of frames, behind it: number of the first one (6), bytes of the sender's address (2), the address. */
const framesHeadBytes = 8
/** Before each frame: its length. */
export const lengthBytes = 4

/** What comes before a frame in a message of its own, at most: with an address of 512 bytes. */
export const overheadBytes = headBytes + framesHeadBytes + 512 + lengthBytes

/** Between which claims a message goes. */
export interface Route {
  readonly to: number
  readonly from: number
}

/** How far a sender is with the frames of the receiver. */
export interface Progress {
  /** The number of the frame that it expects next. */
  readonly taken: number
  /** How many bytes it lets be under way. */
  readonly windowBytes: number
  /** Whether some have not reached it since it told the last time. */
  readonly someLost: boolean
}

export function encodeHead(kind: number, { to, from }: Route, moreBytes = 0): Buffer {
  const bytes = Buffer.allocUnsafe(headBytes + moreBytes)
  bytes[0] = kind
  bytes.writeUIntBE(to, 1, 6)
  bytes.writeUIntBE(from, 7, 6)
  return bytes
}

/** What comes before frames, also before none. */
export function encodeFramesHead(kind: number, route: Route, number: number, address: Uint8Array): Buffer {
  const bytes = encodeHead(kind, route, framesHeadBytes + address.length)
  bytes.writeUIntBE(number, headBytes, 6)
  bytes.writeUInt16BE(address.length, headBytes + 6)
  bytes.set(address, headBytes + framesHeadBytes)
  return bytes
}

/** Completes a head, when the message leaves. */
export function writeProgress(bytes: Buffer, { taken, windowBytes, someLost }: Progress): Buffer {
  bytes.writeUIntBE(taken, 13, 6)
  bytes.writeUInt32BE(windowBytes, 19)
  bytes[23] = someLost ? 1 : 0
  return bytes
}

/** A message that has come. Reading beyond its end throws a `RangeError`. */
export class Message implements Route, Progress {
  readonly #bytes: Buffer

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    if (bytes.length < headBytes) throw new RangeError('A message is shorter than its head.')
  }

  get kind(): number {
    return this.#bytes.readUInt8(0)
  }

  get to(): number {
    return this.#bytes.readUIntBE(1, 6)
  }

  get from(): number {
    return this.#bytes.readUIntBE(7, 6)
  }

  get taken(): number {
    return this.#bytes.readUIntBE(13, 6)
  }

  get windowBytes(): number {
    return this.#bytes.readUInt32BE(19)
  }

  get someLost(): boolean {
    return this.#bytes.readUInt8(23) === 1
  }

  /** Of frames: the number of the first one. */
  get number(): number {
    return this.#bytes.readUIntBE(headBytes, 6)
  }

  /** Of frames: the address of the sender. */
  get address(): string {
    return this.#bytes.toString('utf8', headBytes + framesHeadBytes, this.#framesAt)
  }

  /** The frames, in place. No `Buffer`, whose `slice` does not copy. */
  *frames(): Generator<Uint8Array> {
    const { buffer, byteOffset, length } = this.#bytes
    for (let at = this.#framesAt; at < length;) {
      const bytes = this.#bytes.readUInt32BE(at)
      at += lengthBytes
      if (at + bytes > length) throw new RangeError('A frame is longer than its message.')
      yield new Uint8Array(buffer, byteOffset + at, bytes)
      at += bytes
    }
  }

  get #framesAt(): number {
    return headBytes + framesHeadBytes + this.#bytes.readUInt16BE(headBytes + 6)
  }
}
