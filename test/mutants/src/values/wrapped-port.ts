import type { ValueExchangeSubject } from '@stigmergy/conformance'
import type { ObjectStore, StoreHandle, ValuePort, ValuePortOptions } from '@stigmergy/core'
import { MemoryObjectStore, MemoryValueExchange } from '@stigmergy/transport-memory'

/** A port that is sound until a mutant overrides one of its calls. */
export class WrappedPort implements ValuePort {
  protected readonly store: ObjectStore

  constructor(
    protected readonly port: ValuePort,
    protected readonly options: ValuePortOptions,
  ) {
    this.store = options.store
  }

  get address(): string {
    return this.port.address
  }

  get usage(): ValuePort['usage'] {
    return this.port.usage
  }

  lend(handle: StoreHandle): Uint8Array {
    return this.port.lend(handle)
  }

  reclaim(ticket: Uint8Array): void {
    this.port.reclaim(ticket)
  }

  fetch(ticket: Uint8Array, signal?: AbortSignal): Promise<StoreHandle> {
    return this.port.fetch(ticket, signal)
  }

  async close(): Promise<void> {
    await this.port.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

type WrappedClass = new (port: ValuePort, options: ValuePortOptions) => WrappedPort

/** A subject whose ports are of this class. */
export function subjectOf(Wrapped: WrappedClass): ValueExchangeSubject {
  return {
    name: Wrapped.name,
    runs: 100,
    deadlineMs: 500,
    create: async () => {
      const memory = new MemoryValueExchange()
      const open = async (options: ValuePortOptions): Promise<ValuePort> =>
        new Wrapped(await memory.open(options), options)
      return { exchange: { name: 'memory', open }, store: async (limits) => new MemoryObjectStore(limits) }
    },
  }
}

/** An exchange that breaks a law. */
export interface ValueMutant {
  readonly law: string
  readonly lawName: string
  readonly subject: ValueExchangeSubject
}

export function mutant(law: string, lawName: string, Wrapped: WrappedClass): ValueMutant {
  return { law, lawName, subject: subjectOf(Wrapped) }
}
