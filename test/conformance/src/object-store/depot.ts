import type { ObjectStore, StoreHandle } from '@stigmergy/core'
import { deadlineOf, type SuiteOptions } from '../runner.js'
import { within } from '../waiting.js'

/** What the laws of object stores are checked on. */
export interface ObjectStoreSubject extends SuiteOptions {
  /** Makes a store of its own with these limits, and opens `windows` windows on it. */
  readonly create: (limits: StoreLimits) => Promise<StoreWorld>
  /** How many windows a store has. Default 1. Laws of several windows apply from 2 on. */
  readonly windows?: number
}

export interface StoreLimits {
  /** How much the store takes, in bytes. A store that cannot be so small takes the least it can, and says so in its usage. */
  readonly limitBytes: number
  /** How long a put waits for room, in ms. */
  readonly waitMs: number
}

/** One store. */
export interface StoreWorld {
  /** All are used by the testing thread. */
  readonly windows: readonly [ObjectStore, ...ObjectStore[]]
  /** Ends what the windows do not end themselves, such as files and processes. Called after they closed. */
  readonly dispose?: () => Promise<void>
}

/** A store in use by one law. */
export class Depot implements AsyncDisposable {
  readonly deadlineMs: number
  /** The first window on the store. */
  readonly store: ObjectStore
  /** The last window on the store; for a store with one window, the same as the first. */
  readonly other: ObjectStore
  readonly #world: StoreWorld

  private constructor(world: StoreWorld, deadlineMs: number) {
    this.deadlineMs = deadlineMs
    this.store = world.windows[0]
    this.other = world.windows.at(-1) ?? world.windows[0]
    this.#world = world
  }

  /** A small store whose puts wait longer than any law. */
  static async create(subject: ObjectStoreSubject, limits: Partial<StoreLimits> = {}): Promise<Depot> {
    const world = await subject.create({ limitBytes: 2 ** 20, waitMs: 3_600_000, ...limits })
    return new Depot(world, deadlineOf(subject))
  }

  /** A sixteenth of the store, in bytes. */
  get unit(): number {
    return Math.floor(this.store.usage.limitBytes / 16)
  }

  /** Puts and waits for the handle. */
  async put(value: unknown, bytes = estimate): Promise<StoreHandle> {
    return within(Promise.resolve(this.store.put(value, bytes)), this.deadlineMs, `A put of ${bytes} bytes`)
  }

  /** Puts binary values until one has to wait. */
  fill(bytes: number): { readonly handles: StoreHandle[]; readonly waiting: Promise<StoreHandle> } {
    const handles: StoreHandle[] = []
    for (let puts = 0; puts < 1_000; puts += 1) {
      const put = this.store.put(new Uint8Array(bytes), bytes)
      if (isWaiting(put)) {
        // When a law breaks, nobody is left to take the rejection by `close`.
        put.catch(() => undefined)
        return { handles, waiting: put }
      }
      handles.push(put)
    }
    throw new Error(
      `1,000 values of ${bytes} bytes did not fill a store of ${this.store.usage.limitBytes} bytes`,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closing = Promise.all(this.#world.windows.map((window) => window.close()))
    await within(closing, this.deadlineMs, 'The close of the store')
    await this.#world.dispose?.()
  }
}

/** What laws account for small structured values, in bytes. */
const estimate = 256

/** Whether a put waits for room. */
function isWaiting(put: StoreHandle | Promise<StoreHandle>): put is Promise<StoreHandle> {
  return 'then' in put
}

/** The puts of a run that have been admitted, in the order of their admission. */
export class Puts {
  /** `number` counts the puts from 0. */
  readonly admitted: { readonly number: number; readonly handle: StoreHandle }[] = []
  #count = 0

  add(put: StoreHandle | Promise<StoreHandle>): void {
    const number = this.#count
    this.#count += 1
    if (!isWaiting(put)) {
      this.admitted.push({ number, handle: put })
      return
    }
    put.then(
      (handle) => this.admitted.push({ number, handle }),
      () => undefined,
    )
  }
}
