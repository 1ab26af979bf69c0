/** A value in a store. Opaque: only the store that made it can read it. */
export interface StoreHandle {
  /** Size that the store accounts for it, in bytes. */
  readonly bytes: number
}

export interface StoreUsage {
  readonly objects: number
  readonly bytes: number
  readonly limitBytes: number
  /** Puts that wait for room. */
  readonly waiting: number
}

/**
 * Where the values of objects live. Values are immutable from `put` on.
 *
 * 1. What `read` gives equals what was `put`, until the last hold is released; binary values keep their bytes and their type.
 * 2. `put` returns a handle with one hold. With no room it returns a promise that waits, first come first served, and rejects
 *    with `STG_STORE_FULL` when the store gives up; a value larger than the whole store is refused at once.
 * 3. `retain` adds a hold and `release` ends one; at zero the room is free again and every use of the handle is `STG_STORE_RELEASED`.
 * 4. A descriptor names a handle for another window on the same store. `open` adds a hold; a stale or forged descriptor is
 *    `STG_STORE_DESCRIPTOR`, never another object's bytes.
 * 5. What `allocate` gave is bytes to be filled and then put: that put copies nothing. Never put, they are given back when they are collected.
 * 6. After `close`, which rejects the waiting puts, every call is `STG_CLOSED`.
 */
export interface ObjectStore extends AsyncDisposable {
  /** `bytes` is the size to account for: exact for binary values, an estimate for others. */
  put(value: unknown, bytes: number): StoreHandle | Promise<StoreHandle>
  /**
   * Room for `bytes` bytes, filled with zeros, in a buffer of its own, where a value lives that other windows read in place. Waits for
   * room as `put` does.
   * A put of this array, of its buffer or of any other view of all its bytes takes them over: they must not be written
   * afterwards. Stores of one window need not have it.
   */
  allocate?(bytes: number): Uint8Array | Promise<Uint8Array>
  read(handle: StoreHandle): unknown
  retain(handle: StoreHandle): void
  release(handle: StoreHandle): void
  describe(handle: StoreHandle): Uint8Array
  open(descriptor: Uint8Array): StoreHandle
  readonly usage: StoreUsage
  close(): Promise<void>
}
