import type { Clock, ObjectStore } from '@stigmergy/core'
import { headBytes, HeadReader, HeadWriter, Kind, type Head } from './frames.js'
import type { Acquaintance } from './handshake.js'
import { Inflow, type Arrival } from './inflow.js'
import type { Lent, LentValues } from './lent-values.js'
import type { Line } from './line.js'
import { Outflow } from './outflow.js'
import { Violation } from './violation.js'

export interface LinkSettings {
  readonly store: ObjectStore
  readonly lent: LentValues
  readonly chunkBytes: number
  readonly windowBytes: number
  readonly silenceMs: number
  readonly clock: Clock
}

/** A connection of two nodes that know each other. Values go both ways. */
export class Link {
  readonly #line: Line
  readonly #writer: HeadWriter
  readonly #reader: HeadReader
  readonly #inflow: Inflow
  readonly #outflow: Outflow
  readonly #head = Buffer.alloc(headBytes)

  constructor(line: Line, { sendKey, receiveKey }: Acquaintance, settings: LinkSettings) {
    const { store, lent, chunkBytes, windowBytes, clock, silenceMs } = settings
    this.#line = line
    this.#writer = new HeadWriter(sendKey)
    this.#reader = new HeadReader(receiveKey)
    const send = (head: Parameters<HeadWriter['write']>[0]): void => line.send(this.#writer.write(head))
    this.#inflow = new Inflow({
      intake: line.intake,
      send,
      next: () => this.#next(),
      windowBytes,
      clock,
      silenceMs,
      silent: () => line.destroy(new Violation(`The lender has said nothing for ${silenceMs} ms.`)),
    })
    this.#outflow = new Outflow({
      store,
      lent,
      chunkBytes,
      send,
      sendChunk: (head, bytes, done) => line.sendChunk(this.#writer.write(head), bytes, done),
    })
    this.#next()
  }

  /** Values that are going out. */
  get sending(): number {
    return this.#outflow.size
  }

  /** When a chunk has last come whole. */
  get landedAt(): number {
    return this.#inflow.landedAt
  }

  ask(arrival: Arrival): void {
    this.#inflow.ask(arrival)
  }

  reclaimed(lent: Lent): void {
    this.#outflow.reclaimed(lent)
  }

  /** Called when the line is closed: nothing is read or written any more. */
  close(): void {
    this.#outflow.close()
    this.#inflow.close()
  }

  destroy(): void {
    this.#line.destroy()
  }

  #next(): void {
    this.#line.intake.fill(
      this.#head,
      () => this.#hear(this.#reader.read(this.#head)),
      () => this.#inflow.heard(),
    )
  }

  #hear(head: Head): void {
    if (head.kind === Kind.Chunk) return this.#inflow.chunk(head)
    if (head.kind === Kind.Ask) this.#outflow.asked(head)
    else if (head.kind === Kind.Grant) this.#outflow.granted(head)
    else if (head.kind === Kind.Stop) this.#outflow.stopped(head)
    else if (head.kind === Kind.Gone) this.#inflow.gone(head)
    else throw new Violation(`There are no frames of kind ${head.kind}.`)
    this.#next()
  }
}
