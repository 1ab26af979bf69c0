import type { ObjectStoreSubject } from '@stigmergy/conformance'
import { StigmergyError, type ObjectStore, type StoreHandle, type StoreUsage } from '@stigmergy/core'
import { MemoryObjectStore } from '@stigmergy/transport-memory'
import type { StoreMutant } from './wrapped-store.js'

/** A value as one window sees it. */
interface Pane extends StoreHandle {
  readonly shared: StoreHandle
  holds: number
}

/** One of several windows on a store: counts its own holds, and ends them when it closes. */
class Window implements ObjectStore {
  readonly #panes = new Set<Pane>()
  readonly #waiting = new Set<(reason: StigmergyError) => void>()
  #closed = false

  constructor(protected readonly store: MemoryObjectStore) {}

  get usage(): StoreUsage {
    return this.store.usage
  }

  put(value: unknown, bytes: number): StoreHandle | Promise<StoreHandle> {
    this.#checkOpen()
    const put = this.store.put(value, bytes)
    return put instanceof Promise ? this.#admission(put) : this.#pane(put)
  }

  read(handle: StoreHandle): unknown {
    return this.store.read(this.#held(handle).shared)
  }

  retain(handle: StoreHandle): void {
    this.#held(handle).holds += 1
  }

  release(handle: StoreHandle): void {
    const pane = this.#held(handle)
    pane.holds -= 1
    if (pane.holds === 0) this.end(pane)
  }

  describe(handle: StoreHandle): Uint8Array {
    return this.store.describe(this.#held(handle).shared)
  }

  open(descriptor: Uint8Array): StoreHandle {
    this.#checkOpen()
    return this.#pane(this.store.open(descriptor))
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const pane of this.#panes) this.end(pane)
    for (const reject of this.#waiting) reject(closed())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Called when the window has no hold on a value any more. */
  protected end(pane: Pane): void {
    pane.holds = 0
    this.#panes.delete(pane)
    this.store.release(pane.shared)
  }

  #checkOpen(): void {
    if (this.#closed) throw closed()
  }

  #pane(shared: StoreHandle): Pane {
    const pane = { bytes: shared.bytes, shared, holds: 1 }
    this.#panes.add(pane)
    return pane
  }

  #held(handle: StoreHandle): Pane {
    this.#checkOpen()
    const pane = handle as Pane
    if (pane.holds === 0)
      throw new StigmergyError('STG_STORE_RELEASED', 'This window holds the value no more')
    if (!this.#panes.has(pane)) throw new TypeError('The handle is of another window')
    return pane
  }

  async #admission(put: Promise<StoreHandle>): Promise<StoreHandle> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject)
      const admit = (shared: StoreHandle): void => {
        if (this.#closed) this.store.release(shared)
        else resolve(this.#pane(shared))
      }
      put.then(admit, reject).finally(() => this.#waiting.delete(reject))
    })
  }
}

/** Frees what it holds when it closes, whoever else holds it. */
class FreesWhatOthersHold extends Window {
  override async close(): Promise<void> {
    if (this.usage.objects > 0) await this.store.close()
    await super.close()
  }
}

function subjectOf(name: string, Opened: new (store: MemoryObjectStore) => Window): ObjectStoreSubject {
  const create: ObjectStoreSubject['create'] = async (limits) => {
    const store = new MemoryObjectStore(limits)
    return { windows: [new Opened(store), new Opened(store)], dispose: () => store.close() }
  }
  return { name, windows: 2, deadlineMs: 500, create }
}

function closed(): StigmergyError {
  return new StigmergyError('STG_CLOSED', 'The window has been closed')
}

/** A sound store with two windows. */
export const twoWindows = subjectOf('two windows', Window)

export const windowMutants: readonly StoreMutant[] = [
  { law: 'O18', lawName: 'windows', subject: subjectOf('FreesWhatOthersHold', FreesWhatOthersHold) },
]
