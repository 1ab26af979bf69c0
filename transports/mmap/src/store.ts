import {
  SystemClock,
  type Clock,
  type Codec,
  type ObjectStore,
  type StigmergyError,
  type StoreHandle,
  type StoreUsage,
} from '@stigmergy/core'
import { Allocations } from './allocations.js'
import { BlockReader } from './block-reader.js'
import { Control } from './control.js'
import { packDescriptor, unknownDescriptor, unpackDescriptor, type Address } from './descriptor.js'
import { encodingOf } from './encoding.js'
import { Entry, unread } from './entry.js'
import { Foreigners } from './foreign.js'
import type { Mapping } from './mapping.js'
import { OwnValues } from './own-values.js'
import { closed, full, released, tooLarge } from './store-errors.js'
import { Views } from './views.js'
import { WaitingLine } from './waiting-line.js'

export interface MappedStoreOptions {
  /** The place of this window among the members of the node, from 0. */
  readonly member: number
  /** How many puts may wait for room; the next one is refused at once. Default 10,000. */
  readonly maxWaiting?: number
  /** How long a put waits for room, in ms. Default 10,000. */
  readonly waitMs?: number
  /** How values that are not binary become bytes; the same in all windows. Default: CBOR. */
  readonly codec?: Codec
  /** Default: the clock of the system. */
  readonly clock?: Clock
}

/** Opens the window of a member on the store of a node, which `Control.create` has founded in this directory. */
export function openMappedStore(
  mapping: Mapping,
  directory: string,
  options: MappedStoreOptions,
): MappedObjectStore {
  return new MappedObjectStore(Control.open(directory, mapping), options)
}

/** Something that needs room. */
interface Request<Granted> {
  readonly bytes: number
  /** What was asked for; undefined when there is no room. */
  readonly admit: () => Granted | undefined
  /** The same without room in memory; undefined when that cannot be. */
  readonly giveUp: () => Granted | undefined
}

/**
 * One member's window on the object store of a node. What a window puts stays where it is, and costs what it costs in memory, until
 * it is described: only then are its bytes written where other windows read them, in place.
 */
export class MappedObjectStore implements ObjectStore {
  readonly #control: Control
  readonly #member: number
  readonly #maxWaiting: number
  readonly #views: Views
  readonly #own: OwnValues
  readonly #foreigners: Foreigners
  readonly #allocations: Allocations
  readonly #reader: BlockReader
  readonly #line: WaitingLine
  #closed = false

  /** Takes the control over: the close of the window closes it. */
  constructor(control: Control, options: MappedStoreOptions) {
    const { member, clock = new SystemClock() } = options
    const encoding = encodingOf(options.codec)
    const onRoom = (): void => this.#line.admit()
    this.#control = control
    this.#member = member
    this.#maxWaiting = options.maxWaiting ?? 10_000
    this.#views = new Views()
    this.#own = new OwnValues({ control, member, encoding, clock, onRoom })
    this.#foreigners = new Foreigners(control, member)
    this.#line = new WaitingLine(clock, options.waitMs ?? 10_000)
    this.#allocations = new Allocations(this.#own, this.#views, onRoom)
    this.#reader = new BlockReader(control, encoding, this.#views)
  }

  /** `objects` and `bytes` are of the whole node, `waiting` of this window. All are 0 after `close`. */
  get usage(): StoreUsage {
    const { limitBytes } = this.#control
    if (this.#closed) return { objects: 0, bytes: 0, limitBytes, waiting: 0 }
    this.#own.tidyAll()
    return { ...this.#control.taken, limitBytes, waiting: this.#line.size }
  }

  put(value: unknown, bytes: number): StoreHandle | Promise<StoreHandle> {
    this.#check(bytes)
    const allocated = this.#allocations.adopt(this, value)
    if (allocated !== undefined) return allocated
    if (this.#line.size === 0 && this.#own.take(bytes)) return this.#add(value, bytes)
    return this.#request({
      bytes,
      admit: () => (this.#own.take(bytes) ? this.#add(value, bytes) : undefined),
      giveUp: () => this.#own.spill(this, value, bytes),
    })
  }

  allocate(bytes: number): Uint8Array | Promise<Uint8Array> {
    this.#check(bytes)
    const array = this.#line.size === 0 ? this.#allocations.make(bytes) : undefined
    if (array !== undefined) return array
    return this.#request({ bytes, admit: () => this.#allocations.make(bytes), giveUp: () => undefined })
  }

  read(handle: StoreHandle): unknown {
    const entry = this.#entry(handle)
    if (entry.value === unread) entry.value = this.#reader.read(entry)
    return entry.value
  }

  retain(handle: StoreHandle): void {
    this.#entry(handle).holds += 1
  }

  release(handle: StoreHandle): void {
    this.#drop(this.#entry(handle))
    if (this.#line.size > 0) this.#line.admit()
  }

  describe(handle: StoreHandle): Uint8Array {
    return packDescriptor(this.#addressOf(this.#entry(handle)), this.#control.key)
  }

  open(descriptor: Uint8Array): StoreHandle {
    if (this.#closed) throw closed()
    const address = unpackDescriptor(descriptor, this.#control.key)
    const isOwn = address.member === this.#member && address.epoch === this.#own.epoch
    const entry = isOwn ? this.#own.open(address) : this.#foreigners.open(address, this)
    if (entry === undefined) throw unknownDescriptor()
    return entry
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#line.close(closed)
    this.#views.close()
    this.#allocations.close()
    this.#foreigners.close()
    this.#own.leave()
    this.#control.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #check(bytes: number): void {
    if (this.#closed) throw closed()
    if (!Number.isSafeInteger(bytes) || bytes < 0) throw new TypeError(`A value cannot have ${bytes} bytes.`)
    this.#own.tidy()
  }

  #entry(handle: StoreHandle): Entry {
    if (this.#closed) throw closed()
    if (!(handle instanceof Entry) || handle.store !== this)
      throw new TypeError('The handle is of another store.')
    if (handle.holds === 0) throw released()
    return handle
  }

  /** By reference. Memory of other values that it refers to stays as long as it does. */
  #add(value: unknown, bytes: number): Entry {
    const entry = new Entry(this, bytes, value)
    entry.pins = this.#views.entriesIn(value)
    if (entry.pins !== undefined) for (const pinned of entry.pins) pinned.holds += 1
    return entry
  }

  #drop(entry: Entry): void {
    entry.holds -= 1
    if (entry.holds > 0) return
    const { pins, lease } = entry
    entry.value = undefined
    entry.pins = undefined
    this.#views.end(entry)
    if (lease === undefined) this.#own.end(entry)
    else this.#foreigners.end(lease)
    if (pins !== undefined) for (const pinned of pins) this.#drop(pinned)
  }

  #addressOf(entry: Entry): Address {
    const { lease } = entry
    if (lease === undefined) return this.#own.share(entry)
    const { member, epoch, number } = lease.foreign.segment.name
    return { member, epoch, segment: number, slot: lease.slot, generation: lease.generation }
  }

  #request<Granted>(request: Request<Granted>): Granted | Promise<Granted> {
    const { bytes } = request
    if (bytes > this.#control.limitBytes) throw tooLarge(bytes, this.#control.limitBytes)
    if (this.#line.size >= this.#maxWaiting) {
      const granted = request.giveUp()
      if (granted === undefined) throw full(bytes, this.usage)
      return granted
    }
    return this.#wait(request)
  }

  #wait<Granted>({ bytes, admit, giveUp }: Request<Granted>): Promise<Granted> {
    return new Promise((resolve, reject: (reason: StigmergyError) => void) => {
      const settleWith = (granted: Granted | undefined): boolean => {
        if (granted !== undefined) resolve(granted)
        return granted !== undefined
      }
      this.#line.add({
        admit: () => settleWith(admit()),
        giveUp: () => settleWith(giveUp()) || reject(full(bytes, this.usage)),
        reject,
      })
    })
  }
}
