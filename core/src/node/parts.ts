/**
 * A message that is larger than a frame travels in parts, one frame each, in order:
 *
 *   0        4            8                end
 *   ┌────────┬────────────┬────────────────┐
 *   │ 0: u32 │ bytes that │ the next bytes │
 *   │        │ follow: u32│ of the message │
 *   └────────┴────────────┴────────────────┘
 *
 * A whole message begins with where its texts are, which is never 0: see `frame-layout.ts`.
 */
const headBytes = 8
const leftOffset = 4

/** The frames of a message that is too large for one. */
export function* partsOf(message: Uint8Array, maxFrameBytes: number): Generator<Uint8Array, void, undefined> {
  const room = Math.max(1, maxFrameBytes - headBytes)
  for (let at = 0; at < message.length; at += room) {
    const own = message.subarray(at, at + room)
    const part = new Uint8Array(headBytes + own.length)
    new DataView(part.buffer).setUint32(leftOffset, message.length - at - own.length)
    part.set(own, headBytes)
    yield part
  }
}

/** Puts together the messages of one sender. */
export class Inbox {
  #message: Uint8Array | undefined

  /** The message that is complete with this frame, valid as long as the frame is; undefined when more parts follow. */
  take(frame: Uint8Array): Uint8Array | undefined {
    if (isWhole(frame)) return frame
    const left = new DataView(frame.buffer, frame.byteOffset).getUint32(leftOffset)
    const own = frame.subarray(headBytes)
    const message = (this.#message ??= new Uint8Array(own.length + left))
    message.set(own, message.length - left - own.length)
    if (left > 0) return undefined
    this.#message = undefined
    return message
  }
}

/** Asked of every frame: a view on each would take longer. */
function isWhole(frame: Uint8Array): boolean {
  return frame[0] !== 0 || frame[1] !== 0 || frame[2] !== 0 || frame[3] !== 0
}
