import { FifoQueue, type ObjectStore } from '@stigmergy/core'
import { Kind, type Head, type Reason } from './frames.js'
import type { Lent, LentValues } from './lent-values.js'
import { mostReceiving } from './options.js'
import { Violation } from './violation.js'

export interface OutflowParts {
  readonly lent: LentValues
  readonly store: ObjectStore
  readonly chunkBytes: number
  readonly send: (head: Pick<Head, 'kind' | 'transfer'> & Partial<Head>) => void
  /** Writes a chunk, and calls `done` when its bytes are not needed any more, also when that is because the connection is gone. */
  readonly sendChunk: (
    head: Pick<Head, 'kind' | 'transfer'> & Partial<Head>,
    bytes: Uint8Array,
    done: () => void,
  ) => void
}

/** So many chunks are given to the system at a time: one that it takes, and the next. */
const mostWriting = 2

/** A value on its way from here. It is held until nothing of it is being written. */
interface Sending {
  readonly transfer: number
  readonly lent: Lent
  readonly bytes: Uint8Array
  offset: number
  granted: number
  /** Chunks that are being written. */
  writing: number
  /** Waits for its turn. */
  isReady: boolean
  isOver: boolean
}

/** What goes out over one connection: of all values that may go on, a chunk of each in turn. */
export class Outflow {
  readonly #parts: OutflowParts
  readonly #sendings = new Map<number, Sending>()
  readonly #ready = new FifoQueue<Sending>()
  #writing = 0
  #isClosed = false

  constructor(parts: OutflowParts) {
    this.#parts = parts
  }

  get size(): number {
    return this.#sendings.size
  }

  asked({ transfer, offset, mark }: Head): void {
    const { lent: values, store, chunkBytes } = this.#parts
    if (this.#sendings.has(transfer) || this.#sendings.size >= mostReceiving)
      throw new Violation('A transfer was begun twice, or too many at one time.')
    const lent = values.find(mark)
    if (lent === undefined) return this.#refuse(transfer, 1)
    if (offset < 0 || offset > lent.bytes || offset % chunkBytes !== 0)
      throw new Violation('A transfer was asked for from where no chunk begins.')
    const bytes = values.bytesOf(lent)
    if (bytes === undefined) return this.#refuse(transfer, 2)
    store.retain(lent.handle)
    const sending = { transfer, lent, bytes, offset, granted: -1, writing: 0, isReady: false, isOver: false }
    this.#sendings.set(transfer, sending)
    if (lent.bytes === 0) this.granted({ transfer, offset: 0 })
  }

  granted({ transfer, offset }: Pick<Head, 'transfer' | 'offset'>): void {
    const sending = this.#sendings.get(transfer)
    if (sending === undefined) return
    sending.granted = Math.max(sending.granted, offset)
    this.#makeReady(sending)
    this.#write()
  }

  /** The borrower wants nothing more. */
  stopped({ transfer }: Head): void {
    const sending = this.#sendings.get(transfer)
    if (sending !== undefined) this.#end(sending)
  }

  /** A value has been reclaimed. */
  reclaimed(lent: Lent): void {
    for (const sending of this.#sendings.values())
      if (sending.lent === lent) {
        this.#end(sending)
        this.#refuse(sending.transfer, 1)
      }
  }

  /** The connection is gone. */
  close(): void {
    this.#isClosed = true
    for (const sending of this.#sendings.values()) this.#end(sending)
  }

  #refuse(transfer: number, reason: Reason): void {
    this.#parts.send({ kind: Kind.Gone, transfer, offset: reason })
  }

  #write(): void {
    while (this.#writing < mostWriting && !this.#isClosed) {
      const sending = this.#ready.shift()
      if (sending === undefined) return
      sending.isReady = false
      if (!sending.isOver) this.#writeChunk(sending)
    }
  }

  #writeChunk(sending: Sending): void {
    const { lent: values, sendChunk } = this.#parts
    const { transfer, lent, offset } = sending
    const bytes = sending.bytes.subarray(offset, offset + this.#chunkBytesOf(sending))
    const mark = values.tagOf(lent, offset / this.#parts.chunkBytes, bytes)
    sending.offset += bytes.length
    sending.writing += 1
    this.#writing += 1
    sendChunk({ kind: Kind.Chunk, transfer, offset, bytes: bytes.length, mark }, bytes, () =>
      this.#wrote(sending),
    )
    if (sending.offset === lent.bytes) this.#end(sending)
    else this.#makeReady(sending)
  }

  #wrote(sending: Sending): void {
    sending.writing -= 1
    this.#writing -= 1
    this.#letGo(sending)
    // Later, because a connection that takes everything at once must not keep the event loop from all others.
    setImmediate(() => this.#write())
  }

  #makeReady(sending: Sending): void {
    const mayGoOn = sending.offset + this.#chunkBytesOf(sending) <= sending.granted
    if (sending.isReady || !mayGoOn) return
    sending.isReady = true
    this.#ready.push(sending)
  }

  #chunkBytesOf({ lent, offset }: Sending): number {
    return Math.min(this.#parts.chunkBytes, lent.bytes - offset)
  }

  #end(sending: Sending): void {
    if (sending.isOver) return
    sending.isOver = true
    this.#sendings.delete(sending.transfer)
    this.#letGo(sending)
  }

  #letGo({ isOver, writing, lent }: Sending): void {
    if (isOver && writing === 0) this.#parts.store.release(lent.handle)
  }
}
