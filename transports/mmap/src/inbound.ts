import type { Budget } from './budget.js'
import { readGreeting } from './greeting.js'
import { frameKind } from './ring-layout.js'
import type { RingReader } from './ring-reader.js'

/** An endpoint of this member, as what comes to it sees it. */
export interface Receiver {
  deliver(frame: Uint8Array, from: string): void
}

/** Finds the endpoint in a slot, if it has this generation. */
export type FindReceiver<R extends Receiver> = (slot: number, generation: number) => R | undefined

interface Line<R> {
  readonly receiver: R
  readonly from: string
}

/** What comes from one member: its frames go to the endpoints that their links lead to. */
export class Inbound<R extends Receiver> {
  readonly #reader: RingReader
  readonly #find: FindReceiver<R>
  /** By number of the link. Frames of other links are for endpoints that have closed. */
  readonly #lines = new Map<number, Line<R>>()

  constructor(reader: RingReader, find: FindReceiver<R>) {
    this.#reader = reader
    this.#find = find
  }

  get empty(): boolean {
    return this.#reader.empty
  }

  /** Pairs of an endpoint and the address of one that sends to it. */
  get lines(): Iterable<Line<R>> {
    return this.#lines.values()
  }

  /** Receives what has come, as far as the budget goes. Returns whether something was received, padding included. */
  serve(budget: Budget): boolean {
    let some = false
    for (let frame = this.#next(budget); frame !== undefined; frame = this.#next(budget)) {
      this.#take(frame)
      this.#reader.advance()
      some = true
    }
    return some
  }

  /** Whether the sender waits for room. Asked once, it counts as answered. */
  takeWaiting(): boolean {
    return this.#reader.takeWaiting()
  }

  /** Called when an endpoint closes: what is under way to it is dropped. */
  forget(receiver: R): void {
    for (const [link, line] of this.#lines) if (line.receiver === receiver) this.#lines.delete(link)
  }

  #next(budget: Budget): Uint8Array | undefined {
    return this.#reader.empty || !budget.take() ? undefined : this.#reader.next()
  }

  #take(frame: Uint8Array): void {
    const { kind, link } = this.#reader
    if (kind === frameKind.data) this.#deliver(link, frame)
    else if (kind === frameKind.open) this.#open(link, frame)
    else if (kind === frameKind.close) this.#lines.delete(link)
  }

  #deliver(link: number, frame: Uint8Array): void {
    const line = this.#lines.get(link)
    line?.receiver.deliver(frame, line.from)
  }

  #open(link: number, frame: Uint8Array): void {
    const { slot, generation, from } = readGreeting(frame)
    const receiver = this.#find(slot, generation)
    if (receiver !== undefined) this.#lines.set(link, { receiver, from })
  }
}
