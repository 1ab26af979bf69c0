import {
  CborCodec,
  StigmergyError,
  type Codec,
  type ObjectStore,
  type StoreHandle,
  type ValuePort,
  type ValuePortOptions,
} from '@stigmergy/core'
import { createHmac, randomBytes } from 'node:crypto'

/** The open ports by their addresses. */
export type PortNetwork = Map<string, MemoryValuePort>

/** One value on its way, and those who wait for it, each for a hold of its own. */
type Waiters = Set<{
  readonly resolve: (handle: StoreHandle) => void
  readonly reject: (reason: Error) => void
}>

/** A node's end of the exchange inside one process. */
export class MemoryValuePort implements ValuePort {
  readonly address: string
  readonly #network: PortNetwork
  readonly #store: ObjectStore
  readonly #codec: Codec
  readonly #secret: Uint8Array
  readonly #lent = new Map<string, StoreHandle>()
  readonly #transfers = new Map<string, Waiters>()
  #closed = false

  constructor(address: string, network: PortNetwork, options: ValuePortOptions) {
    this.address = address
    this.#network = network
    this.#store = options.store
    this.#secret = options.secret
    this.#codec = options.codec ?? new CborCodec()
    network.set(address, this)
  }

  get usage(): ValuePort['usage'] {
    return { lent: this.#lent.size, sending: 0, receiving: this.#transfers.size }
  }

  lend(handle: StoreHandle): Uint8Array {
    this.#checkOpen()
    this.#codec.encode(this.#store.read(handle))
    const name = `${randomBytes(16).toString('hex')}@${this.address}`
    this.#store.retain(handle)
    this.#lent.set(name, handle)
    return Buffer.from(`${name} ${this.#proof(name)}`)
  }

  reclaim(ticket: Uint8Array): void {
    this.#checkOpen()
    const { name, address } = this.#read(ticket)
    if (address !== this.address) throw notATicket()
    const handle = this.#lent.get(name)
    if (handle === undefined) return
    this.#lent.delete(name)
    this.#store.release(handle)
  }

  async fetch(ticket: Uint8Array, signal?: AbortSignal): Promise<StoreHandle> {
    this.#checkOpen()
    signal?.throwIfAborted()
    const { name, address } = this.#read(ticket)
    if (address === this.address) return this.#own(name)
    const waiters = this.#transfers.get(name) ?? this.#begin(name, address)
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject }
      waiters.add(waiter)
      signal?.addEventListener('abort', () => {
        waiters.delete(waiter)
        if (waiters.size === 0) this.#forget(name, waiters)
        reject(signal.reason as Error)
      })
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#network.delete(this.address)
    for (const [name, waiters] of this.#transfers) this.#fail(name, waiters, portClosed())
    for (const handle of this.#lent.values()) this.#store.release(handle)
    this.#lent.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #own(name: string): StoreHandle {
    const handle = this.#lentAs(name)
    this.#store.retain(handle)
    return handle
  }

  #lentAs(name: string): StoreHandle {
    const handle = this.#lent.get(name)
    if (handle === undefined) throw lost(name)
    return handle
  }

  #begin(name: string, address: string): Waiters {
    const waiters: Waiters = new Set()
    this.#transfers.set(name, waiters)
    this.#bring(name, address).then(
      (handle) => this.#deliver(name, waiters, handle),
      (error: Error) => this.#fail(name, waiters, error),
    )
    return waiters
  }

  /** Copies the value, in a later turn of the event loop, as if it had to travel. */
  async #bring(name: string, address: string): Promise<StoreHandle> {
    await new Promise((resolve) => setImmediate(resolve))
    const lender = this.#network.get(address)
    if (lender === undefined) throw lost(name)
    const lent = lender.#lentAs(name)
    const encoded = lender.#codec.encode(lender.#store.read(lent))
    return this.#store.put(this.#codec.decode(encoded), lent.bytes)
  }

  #deliver(name: string, waiters: Waiters, handle: StoreHandle): void {
    this.#forget(name, waiters)
    for (const { resolve } of waiters) {
      this.#store.retain(handle)
      resolve(handle)
    }
    this.#store.release(handle)
  }

  #fail(name: string, waiters: Waiters, error: Error): void {
    this.#forget(name, waiters)
    for (const { reject } of waiters) reject(error)
    waiters.clear()
  }

  /** The next fetch of the value is another one. */
  #forget(name: string, waiters: Waiters): void {
    if (this.#transfers.get(name) === waiters) this.#transfers.delete(name)
  }

  #read(ticket: Uint8Array): { readonly name: string; readonly address: string } {
    const text = Buffer.from(ticket).toString('latin1')
    const [name = '', proof] = text.split(' ')
    if (proof !== this.#proof(name) || text !== `${name} ${proof}`) throw notATicket()
    return { name, address: name.slice(name.indexOf('@') + 1) }
  }

  #proof(name: string): string {
    return createHmac('sha256', this.#secret).update(name).digest('hex')
  }

  #checkOpen(): void {
    if (this.#closed) throw portClosed()
  }
}

function portClosed(): StigmergyError {
  return new StigmergyError('STG_CLOSED', 'The port for values has been closed.')
}

function notATicket(): StigmergyError {
  return new StigmergyError('STG_STORE_DESCRIPTOR', 'These bytes are no ticket of a port with this secret.')
}

function lost(name: string): StigmergyError {
  const message = `The value ${name} is lost: it has been reclaimed, or its lender is gone.`
  return new StigmergyError('STG_OBJECT_LOST', message, { retryable: true })
}
