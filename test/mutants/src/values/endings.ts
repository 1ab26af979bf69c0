import type { ValueExchangeSubject } from '@stigmergy/conformance'
import { StigmergyError, type StoreHandle, type ValuePort, type ValuePortOptions } from '@stigmergy/core'
import { mutant, subjectOf, WrappedPort, type ValueMutant } from './wrapped-port.js'

/** Waits for ever for a lender that is gone. */
class WaitsForEver extends WrappedPort {
  override async fetch(ticket: Uint8Array, signal?: AbortSignal): Promise<StoreHandle> {
    try {
      return await super.fetch(ticket, signal)
    } catch (error) {
      if (!StigmergyError.is(error, 'STG_OBJECT_LOST')) throw error
      return new Promise<never>(() => undefined)
    }
  }
}

/** Gives up what was under way when connections broke. */
function losesWhatBreaks(): ValueExchangeSubject {
  let breaks = 0

  class LosesWhatBreaks extends WrappedPort {
    override async fetch(ticket: Uint8Array, signal?: AbortSignal): Promise<StoreHandle> {
      const before = breaks
      const handle = await super.fetch(ticket, signal)
      if (breaks === before) return handle
      this.store.release(handle)
      throw new StigmergyError('STG_OBJECT_LOST', 'The connection broke.', { retryable: true })
    }
  }
  const subject = subjectOf(LosesWhatBreaks)
  const cut = async (): Promise<void> => void (breaks += 1)
  return { ...subject, cuts: true, create: async () => ({ ...(await subject.create()), cut }) }
}

/** Lends on when it has closed. */
class LendsWhenClosed extends WrappedPort {
  override lend(handle: StoreHandle): Uint8Array {
    try {
      return super.lend(handle)
    } catch (error) {
      if (!StigmergyError.is(error, 'STG_CLOSED')) throw error
      return new Uint8Array(100)
    }
  }
}

/** Waits with its close for all that is under way. */
class LeavesFetchesWaiting extends WrappedPort {
  override fetch(ticket: Uint8Array, signal?: AbortSignal): Promise<StoreHandle> {
    return super.fetch(ticket, signal).catch((error: unknown) => {
      if (!StigmergyError.is(error, 'STG_CLOSED')) throw error
      return new Promise<never>(() => undefined)
    })
  }
}

/** Refuses to close what is closed. */
class ClosesOnce extends WrappedPort {
  #isClosed = false

  override async close(): Promise<void> {
    if (this.#isClosed) throw new Error('The port is closed already')
    this.#isClosed = true
    await super.close()
  }
}

/** Has a timer that its close does not know. */
class LeavesATimer extends WrappedPort {
  constructor(port: ValuePort, options: ValuePortOptions) {
    super(port, options)
    setTimeout(() => undefined, 3_000)
  }
}

export const endingMutants: readonly ValueMutant[] = [
  mutant('V20', 'lender-gone', WaitsForEver),
  { law: 'V21', lawName: 'broken', subject: losesWhatBreaks() },
  mutant('V22', 'closed', LendsWhenClosed),
  mutant('V23', 'close-rejects', LeavesFetchesWaiting),
  mutant('V24', 'close-again', ClosesOnce),
  mutant('V25', 'nothing-left', LeavesATimer),
]
