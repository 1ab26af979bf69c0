import type { StoreLimits } from '@stigmergy/conformance'
import type { StoreHandle, StoreUsage } from '@stigmergy/core'
import { MemoryObjectStore } from '@stigmergy/transport-memory'
import { mutant, WrappedStore, type StoreMutant } from './wrapped-store.js'

/** Counts holds and not values. */
class CountsHolds extends WrappedStore {
  #retained = 0

  override retain(handle: StoreHandle): void {
    super.retain(handle)
    this.#retained += 1
  }

  override get usage(): StoreUsage {
    return { ...super.usage, objects: super.usage.objects + this.#retained }
  }
}

/** Does not count what it has admitted from the queue. */
class LosesCount extends WrappedStore {
  override get usage(): StoreUsage {
    return { ...super.usage, waiting: 0 }
  }
}

/** Takes ten times its limit. */
class OverstepsTheLimit extends WrappedStore {
  readonly #limitBytes: number

  constructor(limits: StoreLimits) {
    super({ ...limits, limitBytes: limits.limitBytes * 10 })
    this.#limitBytes = limits.limitBytes
  }

  override get usage(): StoreUsage {
    return { ...super.usage, limitBytes: this.#limitBytes }
  }
}

/** Does not get back the room of every tenth value. */
class LeaksRoom extends WrappedStore {
  #puts = 0

  override put(value: unknown, bytes: number): StoreHandle | Promise<StoreHandle> {
    const put = super.put(value, bytes)
    this.#puts += 1
    if (this.#puts % 10 === 0 && !(put instanceof Promise)) super.retain(put)
    return put
  }
}

/** Lets a value without bytes in at once, past those that wait. */
class LetsSmallOnesPass extends WrappedStore {
  readonly #aside = new MemoryObjectStore()
  readonly #passed = new Set<StoreHandle>()

  override put(value: unknown, bytes: number): StoreHandle | Promise<StoreHandle> {
    if (bytes > 0) return super.put(value, bytes)
    const handle = this.#aside.put(value, bytes) as StoreHandle
    this.#passed.add(handle)
    return handle
  }

  override release(handle: StoreHandle): void {
    if (this.#passed.has(handle)) this.#aside.release(handle)
    else super.release(handle)
  }
}

/** Waits for ever. */
class NeverGivesUp extends WrappedStore {
  constructor(limits: StoreLimits) {
    super({ ...limits, waitMs: 3_600_000 })
  }
}

/** Lets a value wait that can never have room. */
class WaitsForTheImpossible extends WrappedStore {
  override put(value: unknown, bytes: number): StoreHandle | Promise<StoreHandle> {
    return bytes > this.usage.limitBytes ? new Promise(() => undefined) : super.put(value, bytes)
  }
}

export const roomMutants: readonly StoreMutant[] = [
  mutant('O7', 'usage', CountsHolds),
  mutant('O7', 'usage', LosesCount),
  mutant('O8', 'bounded', OverstepsTheLimit),
  mutant('O9', 'room', LeaksRoom),
  mutant('O10', 'queue', LetsSmallOnesPass),
  mutant('O11', 'gives-up', NeverGivesUp),
  mutant('O12', 'too-large', WaitsForTheImpossible),
]
