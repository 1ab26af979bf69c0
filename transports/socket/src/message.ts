/**
 * What members and founder say to each other: the length of what follows, a kind, some numbers of 32 bits, and the rest. Endpoints
 * have numbers that are never given twice in a node, so that nothing which is for one reaches its successor.
 */
export const Kind = {
  /** A member presents its ticket: member; token. */
  Hello: 1,
  /** The founder has told all that a new member needs to know. */
  Welcome: 2,
  /** A member asks for an address: request; address. */
  Open: 3,
  /** To all: an address is open: endpoint, member, request of that member; address. */
  Opened: 4,
  /** The address is in use: request. */
  Refused: 5,
  /** A member closes an endpoint of its own: endpoint. */
  Close: 6,
  /** To all: endpoint. What it had sent has been passed on before. */
  Closed: 7,
  /** To all: its member has been given up, but what it had sent may still come: endpoint. */
  Cut: 8,
  /** To all: its member is gone, and nothing comes any more: endpoint. */
  Lost: 9,
  /** From endpoint, to endpoint; the frame. */
  Frame: 10,
  /** The receiver has taken frames: from endpoint, to endpoint, frames, bytes. */
  Taken: 11,
  /** Words of the load table: member, one bit per word that follows; the words. */
  Load: 12,
} as const

/** The length counts what comes after it. */
export const lengthBytes = 4
/** Of a frame, before its content. */
const frameHeadBytes = lengthBytes + 1 + 8

/** Other messages than frames are not larger. */
const largestOtherBytes = 2 ** 12

const nothing = new Uint8Array()

/** The largest message between members whose frames are no larger than this. */
export function largestBytesOf(maxFrameBytes: number): number {
  return frameHeadBytes + Math.max(maxFrameBytes, largestOtherBytes)
}

/** A message that is not a frame. */
export function encode(kind: number, numbers: readonly number[], rest: Uint8Array = nothing): Buffer {
  const headBytes = lengthBytes + 1 + 4 * numbers.length
  const message = Buffer.allocUnsafe(headBytes + rest.length)
  const view = new DataView(message.buffer, message.byteOffset, message.length)
  view.setUint32(0, message.length - lengthBytes)
  view.setUint8(lengthBytes, kind)
  for (const [at, number] of numbers.entries()) view.setUint32(lengthBytes + 1 + 4 * at, number)
  message.set(rest, headBytes)
  return message
}

/** What comes before the content of a frame. */
export function encodeFrameHead(from: number, to: number, bytes: number): Buffer {
  const head = Buffer.allocUnsafe(frameHeadBytes)
  const view = new DataView(head.buffer, head.byteOffset, frameHeadBytes)
  view.setUint32(0, frameHeadBytes - lengthBytes + bytes)
  view.setUint8(lengthBytes, Kind.Frame)
  view.setUint32(lengthBytes + 1, from)
  view.setUint32(lengthBytes + 5, to)
  return head
}

/** A message that has arrived whole. Reading beyond its end throws a `RangeError`. */
export class Message {
  readonly #view: DataView

  /** `bytes` include the length. */
  constructor(readonly bytes: Buffer) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  get kind(): number {
    return this.#view.getUint8(lengthBytes)
  }

  /** The numbers come first. */
  number(at: number): number {
    return this.#view.getUint32(lengthBytes + 1 + 4 * at)
  }

  /** What comes after so many numbers, in place. No `Buffer`, whose `slice` does not copy. */
  rest(numbers: number): Uint8Array {
    const head = lengthBytes + 1 + 4 * numbers
    if (this.bytes.length < head) throw new RangeError('A message is too short for its kind.')
    return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + head, this.bytes.length - head)
  }
}
