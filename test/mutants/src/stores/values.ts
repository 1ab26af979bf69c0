import { StigmergyError, type StoreHandle } from '@stigmergy/core'
import { mutant, WrappedStore, type StoreMutant } from './wrapped-store.js'

/** Reads a map back as an object, as an encoding without types does. */
class MakesObjectsOfMaps extends WrappedStore {
  override read(handle: StoreHandle): unknown {
    const value = super.read(handle)
    return value instanceof Map ? (Object.fromEntries(value) as unknown) : value
  }
}

/** Reads every typed array back as bytes. */
class MakesBytesOfNumbers extends WrappedStore {
  override read(handle: StoreHandle): unknown {
    const value = super.read(handle)
    return ArrayBuffer.isView(value)
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      : value
  }
}

/** Stores the buffer and forgets which part of it the view shows. */
class ForgetsTheView extends WrappedStore {
  override read(handle: StoreHandle): unknown {
    const value = super.read(handle)
    return value instanceof Float64Array ? new Float64Array(value.buffer) : value
  }
}

/** Has eight blocks and takes the oldest one for a new value, released or not. */
class OverwritesTheOldest extends WrappedStore {
  readonly #blocks: Uint8Array[] = []

  override put(value: unknown, bytes: number): StoreHandle | Promise<StoreHandle> {
    if (!(value instanceof Uint8Array)) return super.put(value, bytes)
    const copy = new Uint8Array(value)
    if (this.#blocks.push(copy) > 8) this.#blocks.shift()?.fill(0)
    return super.put(copy, bytes)
  }
}

/** Has one hold per value, however often it is retained. */
class HoldsOnce extends WrappedStore {
  override retain(handle: StoreHandle): void {
    super.read(handle)
  }
}

/** Reads what has been freed. */
class ReadsTheFreed extends WrappedStore {
  readonly #values = new WeakMap<StoreHandle, unknown>()

  override read(handle: StoreHandle): unknown {
    try {
      const value = super.read(handle)
      this.#values.set(handle, value)
      return value
    } catch (error) {
      if (this.#values.has(handle)) return this.#values.get(handle)
      throw error
    }
  }

  override put(value: unknown, bytes: number): StoreHandle | Promise<StoreHandle> {
    const put = super.put(value, bytes)
    if (!(put instanceof Promise)) this.#values.set(put, value)
    return put
  }
}

/** Takes a second release for a harmless mistake. */
class ForgivesReleases extends WrappedStore {
  override release(handle: StoreHandle): void {
    try {
      super.release(handle)
    } catch (error) {
      if (!StigmergyError.is(error, 'STG_STORE_RELEASED')) throw error
    }
  }
}

export const valueMutants: readonly StoreMutant[] = [
  mutant('O1', 'structured', MakesObjectsOfMaps),
  mutant('O2', 'binary', MakesBytesOfNumbers),
  mutant('O2', 'binary', ForgetsTheView),
  mutant('O3', 'stable', OverwritesTheOldest),
  mutant('O4', 'holds', HoldsOnce),
  mutant('O5', 'released', ReadsTheFreed),
  mutant('O6', 'release-once', ForgivesReleases),
]
