import type { Clock, ObjectStore, StoreHandle } from '@stigmergy/core'
import type { Arrival } from './inflow.js'
import type { Room, Rooms } from './rooms.js'
import { lost } from './lost.js'
import type { Ticket } from './ticket.js'

export interface FetchParts {
  readonly ticket: Ticket
  /** What its chunks are authenticated with. */
  readonly key: Uint8Array
  readonly store: ObjectStore
  readonly rooms: Rooms
  readonly clock: Clock
  /** Called when there is room, and again when a connection was lost. */
  readonly seek: (fetch: Fetch) => void
  /** Called once, when it is over. */
  readonly over: (fetch: Fetch) => void
}

interface Waiter {
  readonly resolve: (handle: StoreHandle) => void
  readonly reject: (reason: unknown) => void
  readonly unlisten: () => void
}

/** One value on its way here, over one connection after the other if need be, and those who wait for it. */
export class Fetch implements Arrival {
  readonly #parts: FetchParts
  readonly #waiters = new Set<Waiter>()
  #room: Room | undefined
  #isOver = false
  /** Ends what the connection does for it, and calls back when it has let go of the room. */
  #leave: ((free: () => void) => void) | undefined
  /** Where a chunk has come that was not what the lender has sent. */
  #spoiltAt: number | undefined
  /** All before it is there. */
  offset = 0
  /** When something of it or beside it has last come: since then its lender has given no sign of life. */
  progressAt = 0

  constructor(parts: FetchParts) {
    this.#parts = parts
  }

  get ticket(): Ticket {
    return this.#parts.ticket
  }

  get key(): Uint8Array {
    return this.#parts.key
  }

  get bytes(): Uint8Array {
    return this.#room?.bytes ?? new Uint8Array()
  }

  get isOver(): boolean {
    return this.#isOver
  }

  async begin(): Promise<void> {
    try {
      const room = await this.#parts.rooms.take(this.ticket)
      if (this.#isOver) return room.drop()
      this.#room = room
      this.progressAt = this.#parts.clock.now()
      this.#parts.seek(this)
    } catch (error) {
      this.fail(error)
    }
  }

  /** One more who waits for it, and for a hold of its own. */
  join(signal: AbortSignal | undefined): Promise<StoreHandle> {
    return new Promise((resolve, reject) => {
      const aborted = (): void => {
        this.#waiters.delete(waiter)
        reject(signal?.reason as Error)
        if (this.#waiters.size === 0) this.#end()
      }
      const unlisten = (): void => signal?.removeEventListener('abort', aborted)
      const waiter = { resolve, reject, unlisten }
      this.#waiters.add(waiter)
      signal?.addEventListener('abort', aborted, { once: true })
    })
  }

  attached(leave: (free: () => void) => void): void {
    this.#leave = leave
  }

  detached(landedAt: number): void {
    this.#leave = undefined
    this.progressAt = Math.max(this.progressAt, landedAt)
    if (!this.#isOver) this.#parts.seek(this)
  }

  arrived(bytes: number): boolean {
    this.offset += bytes
    const isComplete = this.offset === this.ticket.bytes
    if (isComplete) void this.#put()
    return isComplete
  }

  spoilt(): boolean {
    const isAgain = this.#spoiltAt === this.offset
    this.#spoiltAt = this.offset
    if (isAgain) this.fail(lost(this, 'digest', 'twice a part of it did not arrive as it was sent'))
    return !isAgain
  }

  refused(reason: string): void {
    const isChanged = reason === 'changed'
    const because = isChanged ? 'its lender does not read what it has lent' : 'its lender has reclaimed it'
    this.fail(lost(this, reason, because))
  }

  /** Its lender could not be reached. */
  giveUp(afterMs: number, cause: Error | undefined): void {
    this.fail(lost(this, 'unreachable', `its lender could not be reached for ${afterMs} ms`, cause))
  }

  fail(error: unknown): void {
    if (this.#isOver) return
    for (const { reject } of this.#taken()) reject(error)
    this.#end()
  }

  async #put(): Promise<void> {
    const room = this.#room
    this.#room = undefined
    this.#leave = undefined
    try {
      const handle = await room?.put()
      if (handle !== undefined) this.#deliver(handle)
    } catch (error) {
      this.fail(error)
    }
  }

  #deliver(handle: StoreHandle): void {
    const { store } = this.#parts
    for (const { resolve } of this.#taken()) {
      store.retain(handle)
      resolve(handle)
    }
    store.release(handle)
    this.#end()
  }

  #taken(): readonly Waiter[] {
    const waiters = [...this.#waiters]
    this.#waiters.clear()
    for (const { unlisten } of waiters) unlisten()
    return waiters
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    const room = this.#room
    this.#room = undefined
    const free = (): void => room?.drop()
    if (this.#leave === undefined) free()
    else this.#leave(free)
    this.#leave = undefined
    this.#parts.over(this)
  }
}
