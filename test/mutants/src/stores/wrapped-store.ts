import type { ObjectStoreSubject, StoreLimits } from '@stigmergy/conformance'
import type { ObjectStore, StoreHandle, StoreUsage } from '@stigmergy/core'
import { MemoryObjectStore } from '@stigmergy/transport-memory'

/** A store that is sound until a mutant overrides one of its calls. */
export class WrappedStore implements ObjectStore {
  protected readonly memory: MemoryObjectStore

  constructor(limits: StoreLimits) {
    this.memory = new MemoryObjectStore(limits)
  }

  get usage(): StoreUsage {
    return this.memory.usage
  }

  put(value: unknown, bytes: number): StoreHandle | Promise<StoreHandle> {
    return this.memory.put(value, bytes)
  }

  read(handle: StoreHandle): unknown {
    return this.memory.read(handle)
  }

  retain(handle: StoreHandle): void {
    this.memory.retain(handle)
  }

  release(handle: StoreHandle): void {
    this.memory.release(handle)
  }

  describe(handle: StoreHandle): Uint8Array {
    return this.memory.describe(handle)
  }

  open(descriptor: Uint8Array): StoreHandle {
    return this.memory.open(descriptor)
  }

  async close(): Promise<void> {
    await this.memory.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

type WrappedClass = new (limits: StoreLimits) => WrappedStore

/** A subject whose stores are of this class. */
export function subjectOf(Wrapped: WrappedClass): ObjectStoreSubject {
  const create: ObjectStoreSubject['create'] = async (limits) => ({ windows: [new Wrapped(limits)] })
  return { name: Wrapped.name, runs: 100, deadlineMs: 500, create }
}

/** A store that breaks a law. */
export interface StoreMutant {
  readonly law: string
  readonly lawName: string
  readonly subject: ObjectStoreSubject
}

export function mutant(law: string, lawName: string, Wrapped: WrappedClass): StoreMutant {
  return { law, lawName, subject: subjectOf(Wrapped) }
}
