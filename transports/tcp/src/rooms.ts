import {
  FifoQueue,
  isRaw,
  StigmergyError,
  valueKinds,
  viewOf,
  type Codec,
  type ObjectStore,
  type StoreHandle,
} from '@stigmergy/core'

/** Memory that one value arrives in. It ends with one of the two calls. */
export interface Room {
  readonly bytes: Uint8Array
  /** Puts the value, now that all its bytes are there. */
  put(): Promise<StoreHandle>
  /** Gives the memory back. */
  drop(): void
}

/** What a value is going to be. */
interface Expected {
  readonly kind: number
  readonly bytes: number
  readonly accounted: number
}

/**
 * Where values arrive: in memory of the store, where they stay, if it has a way to get some. Else, and when they are to be decoded,
 * in memory of this port, of which there is a bounded amount.
 */
export class Rooms {
  readonly #store: ObjectStore
  readonly #codec: Codec
  readonly #mostBytes: number
  #takenBytes = 0
  readonly #waiting = new FifoQueue<{ readonly bytes: number; readonly admit: () => void }>()
  #closed = false

  constructor(store: ObjectStore, codec: Codec, mostBytes: number) {
    this.#store = store
    this.#codec = codec
    this.#mostBytes = mostBytes
  }

  /** Waits for room, first come first served. Rejects as a put does. */
  async take(expected: Expected): Promise<Room> {
    const { kind, bytes, accounted } = expected
    if (!isRaw(kind)) return this.#ownRoom(bytes, accounted, (array) => this.#codec.decode(array))
    const value = (array: Uint8Array): unknown => viewOf(kind, array.buffer as ArrayBuffer)
    const array = await this.#store.allocate?.(bytes)
    if (array === undefined) return this.#ownRoom(bytes, bytes, value)
    return new RoomInStore(this.#store, array, kind === valueKinds.uint8Array ? array : value(array))
  }

  /** Nobody gets room any more. */
  close(): void {
    this.#closed = true
    this.#admit()
  }

  async #ownRoom(bytes: number, accounted: number, valueOf: (array: Uint8Array) => unknown): Promise<Room> {
    this.#refuseTooLarge(accounted)
    if (this.#waiting.size > 0 || !this.#fits(bytes))
      await new Promise<void>((admit) => this.#waiting.push({ bytes, admit }))
    else this.#takenBytes += bytes
    const array = new Uint8Array(bytes)
    const drop = (): void => this.#give(bytes)
    const put = async (): Promise<StoreHandle> => {
      try {
        return await this.#store.put(valueOf(array), accounted)
      } finally {
        drop()
      }
    }
    return { bytes: array, put, drop }
  }

  /** Before anything travels. */
  #refuseTooLarge(bytes: number): void {
    const { limitBytes } = this.#store.usage
    if (bytes <= limitBytes) return
    const message = `${bytes} bytes are more than the whole store of ${limitBytes} bytes.`
    throw new StigmergyError('STG_STORE_FULL', message, { details: { bytes, limitBytes } })
  }

  #fits(bytes: number): boolean {
    return this.#closed || this.#takenBytes === 0 || this.#takenBytes + bytes <= this.#mostBytes
  }

  #give(bytes: number): void {
    this.#takenBytes -= bytes
    this.#admit()
  }

  #admit(): void {
    for (let next = this.#waiting.peek(); next !== undefined; next = this.#waiting.peek()) {
      if (!this.#fits(next.bytes)) return
      this.#waiting.shift()
      this.#takenBytes += next.bytes
      next.admit()
    }
  }
}

/** An array that the store has allocated, and `value`, which is all of its bytes. */
class RoomInStore implements Room {
  constructor(
    private readonly store: ObjectStore,
    readonly bytes: Uint8Array,
    private readonly value: unknown,
  ) {}

  async put(): Promise<StoreHandle> {
    return this.store.put(this.value, this.bytes.length)
  }

  /** A put and a release, since what is never put takes room until it is collected. */
  drop(): void {
    void this.put().then(
      (handle) => this.store.release(handle),
      (error: unknown) => {
        if (!StigmergyError.is(error, 'STG_CLOSED')) throw error
      },
    )
  }
}
