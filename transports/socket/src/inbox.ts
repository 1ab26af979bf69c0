import { FifoQueue, type EndpointOptions } from '@stigmergy/core'
import type { OpenAddress } from './address-book.js'
import { throwUncaught } from './throw-uncaught.js'

/** After so many frames, timers and I/O get their turn. */
const framesPerTurn = 256

/** Something that has come from an address; without a frame, the news that it was lost. */
interface Arrival {
  readonly from: OpenAddress
  readonly frame: Uint8Array | undefined
}

interface Taken {
  frames: number
  bytes: number
}

/** Called with what was taken of an endpoint since the last time. */
export type OnTaken = (from: OpenAddress, frames: number, bytes: number) => void

/** The receiving half of an endpoint: senders are served in turn, one frame at a time, never from within what brought a frame. */
export class Inbox {
  readonly #options: EndpointOptions
  readonly #onTaken: OnTaken
  /** By address, so that one that opens again is heard after what it sent before. None is empty. */
  readonly #lines = new Map<string, FifoQueue<Arrival>>()
  /** The first one is served next. */
  #ready = new FifoQueue<FifoQueue<Arrival>>()
  readonly #taken = new Map<OpenAddress, Taken>()
  #turn: NodeJS.Immediate | undefined

  constructor(options: EndpointOptions, onTaken: OnTaken) {
    this.#options = options
    this.#onTaken = onTaken
  }

  /** Queues a frame, or the news that its sender was lost. */
  add(from: OpenAddress, frame: Uint8Array | undefined): void {
    const line = this.#lines.get(from.address)
    if (line !== undefined) return line.push({ from, frame })
    const first = new FifoQueue<Arrival>()
    first.push({ from, frame })
    this.#lines.set(from.address, first)
    this.#ready.push(first)
    this.#turn ??= setImmediate(() => this.#deliver())
  }

  /** Drops what has come. */
  close(): void {
    clearImmediate(this.#turn)
    this.#turn = undefined
    this.#ready = new FifoQueue()
    this.#lines.clear()
    this.#taken.clear()
  }

  #deliver(): void {
    this.#turn = undefined
    for (let taken = 0; taken < framesPerTurn && this.#ready.size > 0; taken += 1) this.#deliverNext()
    for (const [from, { frames, bytes }] of this.#taken) this.#onTaken(from, frames, bytes)
    this.#taken.clear()
    if (this.#ready.size > 0) this.#turn ??= setImmediate(() => this.#deliver())
  }

  #deliverNext(): void {
    const line = this.#ready.shift()
    const arrival = line?.shift()
    if (line === undefined || arrival === undefined) return
    if (line.size > 0) this.#ready.push(line)
    else this.#lines.delete(arrival.from.address)
    if (arrival.frame === undefined) return this.#lose(arrival.from)
    this.#count(arrival.from, arrival.frame.length)
    this.#receive(arrival.frame, arrival.from.address)
  }

  #count(from: OpenAddress, bytes: number): void {
    const taken = this.#taken.get(from)
    if (taken === undefined) return void this.#taken.set(from, { frames: 1, bytes })
    taken.frames += 1
    taken.bytes += bytes
  }

  #receive(frame: Uint8Array, from: string): void {
    try {
      this.#options.receive(frame, from)
    } catch (error) {
      this.#report(error, from)
    }
  }

  #lose({ address }: OpenAddress): void {
    try {
      this.#options.onLost?.(address)
    } catch (error) {
      throwUncaught(error)
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
