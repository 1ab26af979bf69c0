import type { Socket } from 'node:net'

/** Calls `onFrame` for every so many bytes of a stream of numbers, in order. The view is valid during the call. */
export function readFrames(socket: Socket, numbers: number, onFrame: (frame: Float64Array) => void): void {
  const bytes = Buffer.alloc(numbers * 8)
  const frame = new Float64Array(bytes.buffer, bytes.byteOffset, numbers)
  let held = 0
  socket.on('data', (chunk) => {
    for (let at = 0; at < chunk.length;) {
      const taken = chunk.copy(bytes, held, at, at + bytes.length - held)
      at += taken
      held = (held + taken) % bytes.length
      if (held === 0) onFrame(frame)
    }
  })
}

/** The bytes of some numbers. */
export function frameOf(...numbers: readonly number[]): Uint8Array {
  return new Uint8Array(Float64Array.from(numbers).buffer)
}
