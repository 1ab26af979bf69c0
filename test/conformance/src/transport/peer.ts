import type { Endpoint, Offer, Transport } from '@stigmergy/core'
import { turn, until, within } from '../waiting.js'

/** What all endpoints of the testing thread share. */
export interface Thread {
  /** How many offers the thread is inside of. */
  offers: number
  readonly deadlineMs: number
}

/** What has reached an endpoint. */
class Log {
  /** Copies, by sender: a frame itself is valid during `receive` only. */
  readonly frames = new Map<string, Uint8Array[]>()
  /** Frames that came while the thread was inside an offer. */
  insideOffer = 0
  readonly errors: { readonly error: unknown; readonly from: string }[] = []
  readonly lost: string[] = []
  /** Called from within `receive` for each frame, after it has been recorded. */
  onFrame: (frame: Uint8Array, from: string) => void = () => undefined

  add(frame: Uint8Array, from: string): void {
    const frames = this.frames.get(from)
    if (frames === undefined) this.frames.set(from, [new Uint8Array(frame)])
    else frames.push(new Uint8Array(frame))
  }
}

/** An endpoint that records what reaches it. */
export class Peer implements AsyncDisposable {
  readonly endpoint: Endpoint
  readonly log: Log
  readonly #address: string
  readonly #thread: Thread

  private constructor(address: string, endpoint: Endpoint, log: Log, thread: Thread) {
    this.#address = address
    this.endpoint = endpoint
    this.log = log
    this.#thread = thread
  }

  static async open(transport: Transport, address: string, thread: Thread): Promise<Peer> {
    const log = new Log()
    const opening = transport.open({
      address,
      receive: (frame, from) => {
        log.add(frame, from)
        if (thread.offers > 0) log.insideOffer += 1
        log.onFrame(frame, from)
      },
      onError: (error, from) => log.errors.push({ error, from }),
      onLost: (peer) => log.lost.push(peer),
    })
    const endpoint = await within(opening, thread.deadlineMs, `The opening of ${JSON.stringify(address)}`)
    return new Peer(address, endpoint, log, thread)
  }

  get address(): string {
    return this.#address
  }

  /** The frames from an address, in the order of their arrival. */
  from(address: string): readonly Uint8Array[] {
    return this.log.frames.get(address) ?? []
  }

  /** Sets what the endpoint does with each frame that it receives. */
  respond(onFrame: (frame: Uint8Array, from: string) => void): void {
    this.log.onFrame = onFrame
  }

  /** Offers once. */
  offer(to: string, frame: Uint8Array): Offer {
    this.#thread.offers += 1
    try {
      return this.endpoint.offer(to, frame)
    } finally {
      this.#thread.offers -= 1
    }
  }

  /** Offers until the frame is sent, waiting for `writable` in between. Returns how many of the waits were in vain. */
  async send(to: string, frame: Uint8Array): Promise<number> {
    const end = performance.now() + this.#thread.deadlineMs
    for (let offers = 1; ; offers += 1) {
      const answer = this.offer(to, frame)
      if (answer === 'sent') return Math.max(0, offers - 2)
      if (answer === 'closed') throw new Error(`${this.address} found ${to} closed while it was open`)
      if (performance.now() > end)
        throw new Error(`${this.address} found no room for ${to} in ${offers} offers`)
      await this.writable(to)
      // A `writable` that resolves too early must not keep the event loop from delivering.
      if (offers > 1) await turn()
    }
  }

  /** Waits for `writable`, but no longer than the deadline. */
  async writable(to: string): Promise<void> {
    await within(this.endpoint.writable(to), this.#thread.deadlineMs, `${this.address}: writable('${to}')`)
  }

  /** Waits until this many frames have come from an address. */
  async hears(from: string, count: number): Promise<void> {
    const progress = (): string =>
      `The arrival at ${this.address} of ${count} frames from ${from} (${this.from(from).length} came)`
    await until(() => this.from(from).length >= count, this.#thread.deadlineMs, progress)
  }

  async close(): Promise<void> {
    await within(this.endpoint.close(), this.#thread.deadlineMs, `The close of ${this.address}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
