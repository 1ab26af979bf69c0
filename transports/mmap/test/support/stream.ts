import type { Endpoint } from '@stigmergy/core'

/** Sends numbered frames of many sizes, until the address is closed. `onSent` hears how many were sent. */
export async function stream(endpoint: Endpoint, to: string, onSent: (sent: number) => void): Promise<void> {
  for (let sent = 0; ;) {
    const answer = endpoint.offer(to, numberedFrame(sent))
    if (answer === 'closed') return
    if (answer === 'full') await endpoint.writable(to)
    else onSent((sent += 1))
  }
}

/** The frame of a number: four bytes of it, and so many more that follow from it. */
export function numberedFrame(number: number): Uint8Array {
  const frame = new Uint8Array(4 + ((number * 7_919) % (number % 50 === 0 ? 20_000 : 300))).fill(
    number & 0xff,
  )
  new DataView(frame.buffer).setUint32(0, number)
  return frame
}
