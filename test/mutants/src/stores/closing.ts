import type { ObjectStoreSubject, StoreLimits } from '@stigmergy/conformance'
import type { StoreHandle } from '@stigmergy/core'
import { mutant, subjectOf, WrappedStore, type StoreMutant } from './wrapped-store.js'

/** Reads from a store that has closed. */
class ReadsWhenClosed extends WrappedStore {
  readonly #values = new WeakMap<StoreHandle, unknown>()
  #closed = false

  override put(value: unknown, bytes: number): StoreHandle | Promise<StoreHandle> {
    const put = super.put(value, bytes)
    if (!(put instanceof Promise)) this.#values.set(put, value)
    return put
  }

  override read(handle: StoreHandle): unknown {
    return this.#closed ? this.#values.get(handle) : super.read(handle)
  }

  override async close(): Promise<void> {
    this.#closed = true
    await super.close()
  }
}

/** Leaves those who wait waiting. */
class LeavesPutsWaiting extends WrappedStore {
  override put(value: unknown, bytes: number): StoreHandle | Promise<StoreHandle> {
    const put = super.put(value, bytes)
    if (!(put instanceof Promise)) return put
    return put.catch(() => new Promise<never>(() => undefined))
  }
}

/** Refuses to close what is closed. */
class ClosesOnce extends WrappedStore {
  #closed = false

  override async close(): Promise<void> {
    if (this.#closed) throw new Error('The store is closed already')
    this.#closed = true
    await super.close()
  }
}

/** Has a timer that its close does not know. */
class LeavesATimer extends WrappedStore {
  constructor(limits: StoreLimits) {
    super(limits)
    setTimeout(() => undefined, 3_000)
  }
}

/** One store for all who open one while it is open, as a registry at module level makes it. */
function sharesItsStore(): ObjectStoreSubject {
  let open: WrappedStore | undefined

  class SharesItsStore extends WrappedStore {
    override async close(): Promise<void> {
      open = undefined
      await super.close()
    }
  }
  const shared = (limits: StoreLimits): WrappedStore => (open ??= new SharesItsStore(limits))
  return { ...subjectOf(SharesItsStore), create: async (limits) => ({ windows: [shared(limits)] }) }
}

export const closingMutants: readonly StoreMutant[] = [
  mutant('O19', 'closed', ReadsWhenClosed),
  mutant('O20', 'close-rejects', LeavesPutsWaiting),
  mutant('O21', 'close-again', ClosesOnce),
  { law: 'O22', lawName: 'apart', subject: sharesItsStore() },
  mutant('O23', 'nothing-left', LeavesATimer),
]
