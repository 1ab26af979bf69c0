import type { Endpoint } from '@stigmergy/core'

/** Sends copies of frames in order, waiting for room: what does not fit at once is kept here. */
export class Outbox {
  readonly #queues = new Map<string, Uint8Array[]>()
  readonly #endpoint: Endpoint

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint
  }

  send(to: string, frame: Uint8Array): void {
    const queue = this.#queues.get(to)
    if (queue !== undefined) return void queue.push(new Uint8Array(frame))
    const first = [new Uint8Array(frame)]
    this.#queues.set(to, first)
    void this.#drain(to, first)
  }

  async #drain(to: string, queue: Uint8Array[]): Promise<void> {
    for (let frame = queue[0]; frame !== undefined; frame = queue[0]) {
      const answer = this.#endpoint.offer(to, frame)
      if (answer === 'closed') break
      if (answer === 'full') await this.#endpoint.writable(to)
      else queue.shift()
    }
    this.#queues.delete(to)
  }
}
