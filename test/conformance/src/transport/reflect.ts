import type { Endpoint, Transport } from '@stigmergy/core'

/**
 * Opens an endpoint that sends each frame back to its sender. Call it in another thread or process and name its address in
 * `TransportWorld.reflector`: the laws of order, bytes, completeness and pressure then hold across that border too.
 */
export async function reflect(transport: Transport, address: string): Promise<Endpoint> {
  const queues = new Map<string, Uint8Array[]>()
  const drain = async (to: string, queue: Uint8Array[]): Promise<void> => {
    for (let frame = queue[0]; frame !== undefined; frame = queue[0]) {
      const answer = endpoint.offer(to, frame)
      if (answer === 'closed') break
      if (answer === 'full') await endpoint.writable(to)
      else queue.shift()
    }
    queues.delete(to)
  }
  const endpoint = await transport.open({
    address,
    receive: (frame, from) => {
      const queue = queues.get(from)
      if (queue !== undefined) return void queue.push(new Uint8Array(frame))
      const first = [new Uint8Array(frame)]
      queues.set(from, first)
      void drain(from, first)
    },
  })
  return endpoint
}
