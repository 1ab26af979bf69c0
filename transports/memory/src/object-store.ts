import {
  StigmergyError,
  SystemClock,
  type Clock,
  type ObjectStore,
  type StoreHandle,
  type StoreUsage,
  type Timer,
} from '@stigmergy/core'
import { randomBytes } from 'node:crypto'
import { limit } from './limits.js'
import { Queue } from './queue.js'

export interface MemoryObjectStoreOptions {
  /** What all values together may take, in bytes. Default 1 GiB. */
  readonly limitBytes?: number
  /** How many puts may wait for room; the next one is refused at once. Default 10,000. */
  readonly maxWaiting?: number
  /** How long a put waits for room, in ms. Default 10,000. */
  readonly waitMs?: number
  /** Default: the clock of the system. */
  readonly clock?: Clock
}

/** A descriptor is the name of a value: random, and long enough that nobody meets a live one by chance. */
const nameBytes = 16

/** A stored value. Plain fields and no table: `put`, `read` and `release` touch this one object. */
class Entry implements StoreHandle {
  holds = 1

  constructor(
    readonly store: MemoryObjectStore,
    readonly bytes: number,
    public value: unknown,
  ) {}
}

interface WaitingPut {
  readonly value: unknown
  readonly bytes: number
  readonly dueAt: number
  readonly resolve: (handle: StoreHandle) => void
  readonly reject: (reason: StigmergyError) => void
}

/** Keeps values in the memory of this process, by reference: a large value costs what a small one costs. */
export class MemoryObjectStore implements ObjectStore {
  readonly #limitBytes: number
  readonly #maxWaiting: number
  readonly #waitMs: number
  readonly #clock: Clock
  readonly #waiting = new Queue<WaitingPut>()
  readonly #named = new Map<string, Entry>()
  /** The other way round: few values are ever described. */
  readonly #names = new Map<Entry, string>()
  #bytes = 0
  #objects = 0
  #closed = false
  /** Armed for the put that has waited longest. */
  #timer: Timer | undefined

  constructor(options: MemoryObjectStoreOptions = {}) {
    checkOptions(options)
    this.#limitBytes = limit('limitBytes', options.limitBytes ?? 2 ** 30, 0)
    this.#maxWaiting = limit('maxWaiting', options.maxWaiting ?? 10_000, 0)
    this.#waitMs = limit('waitMs', options.waitMs ?? 10_000, 0)
    this.#clock = options.clock ?? new SystemClock()
  }

  get usage(): StoreUsage {
    return {
      objects: this.#objects,
      bytes: this.#bytes,
      limitBytes: this.#limitBytes,
      waiting: this.#waiting.size,
    }
  }

  put(value: unknown, bytes: number): StoreHandle | Promise<StoreHandle> {
    if (this.#closed) throw closed()
    if (!Number.isSafeInteger(bytes) || bytes < 0) throw new TypeError(`A value cannot have ${bytes} bytes.`)
    return this.#waiting.size === 0 && this.#fits(bytes) ? this.#add(value, bytes) : this.#wait(value, bytes)
  }

  read(handle: StoreHandle): unknown {
    return this.#entry(handle).value
  }

  retain(handle: StoreHandle): void {
    this.#entry(handle).holds += 1
  }

  release(handle: StoreHandle): void {
    const entry = this.#entry(handle)
    entry.holds -= 1
    if (entry.holds === 0) this.#free(entry)
  }

  describe(handle: StoreHandle): Uint8Array {
    const entry = this.#entry(handle)
    return new Uint8Array(Buffer.from(this.#names.get(entry) ?? this.#nameFor(entry), 'latin1'))
  }

  open(descriptor: Uint8Array): StoreHandle {
    if (this.#closed) throw closed()
    const name = descriptor.length === nameBytes ? Buffer.from(descriptor).toString('latin1') : ''
    const entry = this.#named.get(name)
    if (entry === undefined) throw unknownDescriptor()
    entry.holds += 1
    return entry
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    this.#timer = undefined
    for (let put = this.#waiting.shift(); put !== undefined; put = this.#waiting.shift()) put.reject(closed())
    this.#named.clear()
    this.#names.clear()
    this.#bytes = 0
    this.#objects = 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #entry(handle: StoreHandle): Entry {
    if (this.#closed) throw closed()
    if (!(handle instanceof Entry) || handle.store !== this)
      throw new TypeError('The handle is of another store.')
    if (handle.holds === 0) throw released()
    return handle
  }

  #fits(bytes: number): boolean {
    return this.#bytes + bytes <= this.#limitBytes
  }

  #add(value: unknown, bytes: number): Entry {
    this.#bytes += bytes
    this.#objects += 1
    return new Entry(this, bytes, value)
  }

  #nameFor(entry: Entry): string {
    const name = randomBytes(nameBytes).toString('latin1')
    this.#named.set(name, entry)
    this.#names.set(entry, name)
    return name
  }

  #free(entry: Entry): void {
    entry.value = undefined
    this.#bytes -= entry.bytes
    this.#objects -= 1
    if (this.#names.size > 0) this.#forget(entry)
    if (this.#waiting.size > 0) this.#admit()
  }

  #forget(entry: Entry): void {
    const name = this.#names.get(entry)
    if (name === undefined) return
    this.#names.delete(entry)
    this.#named.delete(name)
  }

  #wait(value: unknown, bytes: number): Promise<StoreHandle> {
    if (bytes > this.#limitBytes) throw tooLarge(bytes, this.#limitBytes)
    if (this.#waiting.size >= this.#maxWaiting) throw full(bytes, this.usage)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ value, bytes, dueAt: this.#clock.now() + this.#waitMs, resolve, reject })
      this.#arm()
    })
  }

  /** Serves the waiting puts from the first on, as far as there is room. A small one never overtakes a large one. */
  #admit(): void {
    let put = this.#waiting.first
    while (put !== undefined && this.#fits(put.bytes)) {
      this.#waiting.shift()
      put.resolve(this.#add(put.value, put.bytes))
      put = this.#waiting.first
    }
    if (this.#waiting.size > 0) return
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** All wait equally long, so the first one is due first and one timer is enough. */
  #arm(): void {
    const first = this.#waiting.first
    if (first !== undefined) this.#timer ??= this.#clock.setTimer(first.dueAt, () => this.#expire())
  }

  #expire(): void {
    this.#timer = undefined
    const now = this.#clock.now()
    for (let put = this.#waiting.first; put !== undefined && put.dueAt <= now; put = this.#waiting.first) {
      this.#waiting.shift()
      put.reject(full(put.bytes, this.usage))
    }
    this.#admit()
    this.#arm()
  }
}

function checkOptions(options: MemoryObjectStoreOptions): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError('MemoryObjectStore(options): options must be an object')
  if (options.clock !== undefined && typeof options.clock?.setTimer !== 'function')
    throw new TypeError('MemoryObjectStore(options): clock must be an object with now and setTimer')
}

function closed(): StigmergyError {
  return new StigmergyError('STG_CLOSED', 'The object store has been closed.')
}

function released(): StigmergyError {
  return new StigmergyError('STG_STORE_RELEASED', 'The last hold on this value has been released.')
}

function unknownDescriptor(): StigmergyError {
  return new StigmergyError('STG_STORE_DESCRIPTOR', 'The descriptor names no value of this store.')
}

function tooLarge(bytes: number, limitBytes: number): StigmergyError {
  const message = `${bytes} bytes are more than the whole store of ${limitBytes} bytes.`
  return new StigmergyError('STG_STORE_FULL', message, { details: { bytes, limitBytes } })
}

function full(bytes: number, { bytes: usedBytes, ...usage }: StoreUsage): StigmergyError {
  const message = `No room for ${bytes} bytes: ${usedBytes} of ${usage.limitBytes} are in use.`
  return new StigmergyError('STG_STORE_FULL', message, {
    retryable: true,
    details: { bytes, usedBytes, ...usage },
  })
}
