/** One end of calls, as others in its process reach it. */
export interface Neighbour {
  readonly receive: (message: Uint8Array, from: string) => void
  /** The other has closed: what was under way may be lost. */
  readonly lost: (peer: string) => void
}

/**
 * The ends of calls in one process. What they have for each other goes from one to the other in memory, behind what is being done, and not
 * over the transport: that a connection is lost is none of their business.
 */
export class Neighbours {
  readonly #open = new Map<string, Neighbour>()

  join(address: string, neighbour: Neighbour): void {
    this.#open.set(address, neighbour)
  }

  leave(address: string): void {
    if (!this.#open.delete(address)) return
    for (const { lost } of [...this.#open.values()]) lost(address)
  }

  /** Whether both are here. The message belongs to the receiver, who gets it only if it is still open by then. */
  send(from: string, to: string, message: Uint8Array): boolean {
    const neighbour = this.#open.get(to)
    if (neighbour === undefined || !this.#open.has(from)) return false
    queueMicrotask(() => {
      if (this.#open.get(to) === neighbour) neighbour.receive(message, from)
    })
    return true
  }
}
