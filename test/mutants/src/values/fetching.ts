import { StigmergyError, type StoreHandle, type ValuePort } from '@stigmergy/core'
import { mutant, WrappedPort, type ValueMutant } from './wrapped-port.js'

/** Keeps a hold of all that it has fetched. */
class KeepsAHold extends WrappedPort {
  override async fetch(ticket: Uint8Array, signal?: AbortSignal): Promise<StoreHandle> {
    const handle = await super.fetch(ticket, signal)
    this.store.retain(handle)
    return handle
  }
}

/** Gives all who wait for one transfer the one hold that it has. */
class SharesTheHold extends WrappedPort {
  readonly #fetches = new Map<string, Promise<StoreHandle>>()

  override fetch(ticket: Uint8Array, signal?: AbortSignal): Promise<StoreHandle> {
    const name = Buffer.from(ticket).toString('latin1')
    const known = this.#fetches.get(name)
    if (known !== undefined) return known
    const fetched = super.fetch(ticket, signal)
    this.#fetches.set(name, fetched)
    const over = (): void => void this.#fetches.delete(name)
    fetched.then(over, over)
    return fetched
  }
}

/** Fetches from itself as from others. */
class CopiesItsOwn extends WrappedPort {
  override async fetch(ticket: Uint8Array, signal?: AbortSignal): Promise<StoreHandle> {
    const handle = await super.fetch(ticket, signal)
    if (!Buffer.from(ticket).includes(this.address)) return handle
    return this.store.put(structuredClone(this.store.read(handle)), handle.bytes)
  }
}

/** Gives up where others wait for room. */
class DoesNotWait extends WrappedPort {
  override async fetch(ticket: Uint8Array, signal?: AbortSignal): Promise<StoreHandle> {
    if (this.store.usage.waiting > 0) throw new StigmergyError('STG_STORE_FULL', 'There is no room.')
    return super.fetch(ticket, signal)
  }
}

/** Brings what cannot stay, and calls it lost. */
class LosesWhatIsTooLarge extends WrappedPort {
  override async fetch(ticket: Uint8Array, signal?: AbortSignal): Promise<StoreHandle> {
    try {
      return await super.fetch(ticket, signal)
    } catch (error) {
      throw StigmergyError.is(error, 'STG_STORE_FULL') ? new Error('It did not come.') : error
    }
  }
}

/** Goes on with what nobody wants any more. */
class IgnoresItsSignal extends WrappedPort {
  override fetch(ticket: Uint8Array): Promise<StoreHandle> {
    return super.fetch(ticket)
  }
}

/** Ends a transfer for all as soon as one does not want it. */
class AbortsForAll extends WrappedPort {
  readonly #ends = new Set<AbortController>()

  override async fetch(ticket: Uint8Array, signal?: AbortSignal): Promise<StoreHandle> {
    const end = new AbortController()
    this.#ends.add(end)
    signal?.addEventListener('abort', () => {
      for (const each of this.#ends) each.abort(signal.reason)
    })
    try {
      signal?.throwIfAborted()
      return await super.fetch(ticket, end.signal)
    } finally {
      this.#ends.delete(end)
    }
  }
}

/** Counts what it has lent, and never what it gets back. */
class NeverForgets extends WrappedPort {
  #lent = 0

  override get usage(): ValuePort['usage'] {
    return { ...super.usage, lent: this.#lent }
  }

  override lend(handle: StoreHandle): Uint8Array {
    const ticket = super.lend(handle)
    this.#lent += 1
    return ticket
  }
}

export const fetchingMutants: readonly ValueMutant[] = [
  mutant('V12', 'one-hold', KeepsAHold),
  mutant('V13', 'shared', SharesTheHold),
  mutant('V14', 'own', CopiesItsOwn),
  mutant('V15', 'room', DoesNotWait),
  mutant('V16', 'too-large', LosesWhatIsTooLarge),
  mutant('V17', 'aborts', IgnoresItsSignal),
  mutant('V18', 'aborts-alone', AbortsForAll),
  mutant('V19', 'usage', NeverForgets),
]
