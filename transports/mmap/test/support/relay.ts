import type { Transport } from '@stigmergy/core'
import { createHash } from 'node:crypto'
import { Outbox } from './outbox.js'

/** Opens an endpoint that looks like a reflector, but has each frame reflected by the endpoint `via`. */
export async function relay(transport: Transport, address: string, via: string): Promise<void> {
  const legs = new Map<string, Promise<Outbox>>()
  const leg = async (from: string): Promise<Outbox> => {
    const endpoint = await transport.open({
      address: `leg of ${address} for ${createHash('sha256').update(from).digest('hex')}`,
      receive: (frame) => back.send(from, frame),
    })
    return new Outbox(endpoint)
  }
  const front = await transport.open({
    address,
    receive: (frame, from) => {
      const copy = new Uint8Array(frame)
      const open = legs.get(from) ?? leg(from)
      legs.set(from, open)
      void open.then((outbox) => outbox.send(via, copy))
    },
  })
  const back = new Outbox(front)
}
