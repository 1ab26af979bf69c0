/** The content of the first frame of a link. */
export interface Greeting {
  readonly slot: number
  readonly generation: number
  /** Address of the sender. */
  readonly from: string
}

export function writeGreeting({ slot, generation, from }: Greeting): Uint8Array {
  const address = Buffer.from(from)
  const frame = Buffer.alloc(8 + address.length)
  frame.writeInt32LE(slot, 0)
  frame.writeInt32LE(generation, 4)
  frame.set(address, 8)
  return frame
}

export function readGreeting(frame: Uint8Array): Greeting {
  const bytes = Buffer.from(frame)
  return {
    slot: bytes.readInt32LE(0),
    generation: bytes.readInt32LE(4),
    from: bytes.toString('utf8', 8),
  }
}
