import type { StoreHandle } from '@stigmergy/core'
import { mutant, WrappedPort, type ValueMutant } from './wrapped-port.js'

/** Changes what has come. */
abstract class Changes extends WrappedPort {
  override async fetch(ticket: Uint8Array, signal?: AbortSignal): Promise<StoreHandle> {
    const handle = await super.fetch(ticket, signal)
    const value = this.change(this.store.read(handle))
    if (value === undefined) return handle
    this.store.release(handle)
    return this.store.put(value, handle.bytes)
  }

  /** Undefined for what stays as it is. */
  abstract change(value: unknown): unknown
}

/** Lets values travel as JSON. */
class TravelsAsJson extends Changes {
  change(value: unknown): unknown {
    if (ArrayBuffer.isView(value) || typeof value !== 'object') return undefined
    return JSON.parse(JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? 0 : part)))
  }
}

/** Sends bytes, and forgets of what type they were. */
class ForgetsTheType extends Changes {
  change(value: unknown): unknown {
    if (!ArrayBuffer.isView(value)) return undefined
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice()
  }
}

/** Sends whole chunks only. */
class LosesTheRest extends Changes {
  change(value: unknown): unknown {
    if (!(value instanceof Uint8Array) || value.length <= 2 ** 16) return undefined
    return value.slice(0, value.length - (value.length % 2 ** 12))
  }
}

/** Gives each who asks what has come last. */
class MixesUp extends WrappedPort {
  #last: Uint8Array | undefined

  override async fetch(ticket: Uint8Array, signal?: AbortSignal): Promise<StoreHandle> {
    const earlier = this.#last
    this.#last = ticket
    const isUnderWay = this.port.usage.receiving > 0
    return super.fetch(isUnderWay && earlier !== undefined ? earlier : ticket, signal)
  }
}

export const carriageMutants: readonly ValueMutant[] = [
  mutant('V1', 'structured', TravelsAsJson),
  mutant('V2', 'binary', ForgetsTheType),
  mutant('V3', 'sizes', LosesTheRest),
  mutant('V4', 'many', MixesUp),
]
