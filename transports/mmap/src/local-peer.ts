import type { Budget } from './budget.js'
import type { MappedEndpoint } from './endpoint.js'
import { Inbound } from './inbound.js'
import { Outbound } from './outbound.js'
import type { Surroundings } from './peer.js'
import { createRing, ringSize } from './ring.js'
import { RingReader } from './ring-reader.js'
import { RingWriter } from './ring-writer.js'

/** This member as a peer of itself: a ring in its own memory, which is served in the next turn and needs no bell. */
export class LocalPeer {
  readonly outbound: Outbound
  readonly #inbound: Inbound<MappedEndpoint>

  constructor({ roster, ringBytes, find }: Surroundings, hurry: () => void) {
    const ring = createRing(new ArrayBuffer(ringSize(ringBytes)))
    this.outbound = new Outbound({ writer: new RingWriter(ring), roster, ring: hurry })
    this.#inbound = new Inbound(new RingReader(ring), find)
  }

  get empty(): boolean {
    return this.#inbound.empty
  }

  serve(budget: Budget): void {
    this.#inbound.serve(budget)
  }

  forget(endpoint: MappedEndpoint): void {
    this.#inbound.forget(endpoint)
    this.outbound.purge()
  }
}
