import type { EndpointOptions } from '@stigmergy/core'
import { Lane, type LaneLimits } from './lane.js'
import { Queue } from './queue.js'

/** After so many frames, timers and I/O get their turn. */
const framesPerTurn = 256

/** The receiving half of an endpoint: one lane per sender, served in turn, one frame at a time. */
export class Inbox {
  readonly #options: EndpointOptions
  readonly #limits: LaneLimits
  /** By the address of the sender, so that one that opens again is heard after what it sent before. */
  readonly #lanes = new Map<string, Lane>()
  /** Lanes with frames; the first one is served next. */
  readonly #ready = new Queue<Lane>()
  #turn: NodeJS.Immediate | undefined

  constructor(options: EndpointOptions, limits: LaneLimits) {
    this.#options = options
    this.#limits = limits
  }

  /** The lane of a sender. `onClosed` is called when this inbox closes. */
  connect(from: string, onClosed: () => void): Lane {
    const lane = this.#lanes.get(from) ?? new Lane(from, this.#limits, (ready) => this.#serve(ready))
    this.#lanes.set(from, lane)
    lane.attach(onClosed)
    return lane
  }

  /** Called when the sender closes; what is under way still arrives. */
  disconnect(lane: Lane): void {
    lane.detach()
    this.#dropSpent(lane)
  }

  close(): void {
    clearImmediate(this.#turn)
    this.#ready.clear()
    for (const lane of this.#lanes.values()) lane.close()
    this.#lanes.clear()
  }

  #serve(lane: Lane): void {
    this.#ready.push(lane)
    this.#turn ??= setImmediate(() => this.#deliver())
  }

  #deliver(): void {
    this.#turn = undefined
    for (let delivered = 0; delivered < framesPerTurn && this.#ready.size > 0; delivered += 1)
      this.#deliverNext()
    if (this.#ready.size > 0) this.#turn ??= setImmediate(() => this.#deliver())
  }

  #deliverNext(): void {
    const lane = this.#ready.shift()
    const frame = lane?.take()
    if (lane === undefined || frame === undefined) return
    if (lane.empty) this.#dropSpent(lane)
    else this.#ready.push(lane)
    this.#receive(frame, lane.from)
  }

  #dropSpent(lane: Lane): void {
    if (lane.spent) this.#lanes.delete(lane.from)
  }

  #receive(frame: Uint8Array, from: string): void {
    try {
      this.#options.receive(frame, from)
    } catch (error) {
      this.#report(error, from)
    }
  }

  #report(error: unknown, from: string): void {
    if (this.#options.onError === undefined) return throwUncaught(error)
    try {
      this.#options.onError(error, from)
    } catch (thrown) {
      throwUncaught(thrown)
    }
  }
}

/** An error that nobody takes goes where every uncaught error goes, and stops no delivery. */
function throwUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
