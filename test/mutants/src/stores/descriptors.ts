import type { ObjectStoreSubject } from '@stigmergy/conformance'
import { StigmergyError, type StoreHandle } from '@stigmergy/core'
import { mutant, subjectOf, WrappedStore, type StoreMutant } from './wrapped-store.js'

/** Opens whatever was described first. */
class OpensTheFirst extends WrappedStore {
  #first: Uint8Array | undefined

  override describe(handle: StoreHandle): Uint8Array {
    const descriptor = super.describe(handle)
    this.#first ??= descriptor
    return descriptor
  }

  override open(descriptor: Uint8Array): StoreHandle {
    const handle = super.open(descriptor)
    if (this.#first === undefined) return handle
    super.release(handle)
    return super.open(this.#first)
  }
}

/** Opens without a hold. */
class OpensWithoutHold extends WrappedStore {
  override open(descriptor: Uint8Array): StoreHandle {
    const handle = super.open(descriptor)
    super.release(handle)
    return handle
  }
}

/** Has a table of values and describes a value by its slot. Slots are used again. */
class DescribesSlots extends WrappedStore {
  readonly #slots: (StoreHandle | undefined)[] = []

  override put(value: unknown, bytes: number): StoreHandle | Promise<StoreHandle> {
    const put = super.put(value, bytes)
    if (!(put instanceof Promise)) this.#slotOf(put)
    return put
  }

  override describe(handle: StoreHandle): Uint8Array {
    super.read(handle)
    return this.descriptorOf(this.#slotOf(handle))
  }

  override open(descriptor: Uint8Array): StoreHandle {
    const slot = descriptor[0] ?? -1
    const handle = this.#slots[slot]
    if (handle === undefined || Buffer.compare(descriptor, this.descriptorOf(slot)) !== 0)
      throw new StigmergyError('STG_STORE_DESCRIPTOR', 'The slot is empty or of another generation')
    super.retain(handle)
    return handle
  }

  override release(handle: StoreHandle): void {
    super.release(handle)
    const slot = this.#slots.indexOf(handle)
    if (slot >= 0 && this.#isFreed(handle)) this.freed(slot)
  }

  descriptorOf(slot: number): Uint8Array {
    return new Uint8Array([slot])
  }

  freed(slot: number): void {
    this.#slots[slot] = undefined
  }

  #slotOf(handle: StoreHandle): number {
    const known = this.#slots.indexOf(handle)
    if (known >= 0) return known
    const free = this.#slots.indexOf(undefined)
    const slot = free >= 0 ? free : this.#slots.length
    this.#slots[slot] = handle
    return slot
  }

  #isFreed(handle: StoreHandle): boolean {
    try {
      super.read(handle)
      return false
    } catch {
      return true
    }
  }
}

/** Counts the generations of each slot, so that it knows stale descriptors; another slot of the same generation is not noticed. */
class DescribesGenerations extends DescribesSlots {
  readonly #generations: number[] = []

  override descriptorOf(slot: number): Uint8Array {
    return new Uint8Array([slot, this.#generations[slot] ?? 0])
  }

  override freed(slot: number): void {
    super.freed(slot)
    this.#generations[slot] = (this.#generations[slot] ?? 0) + 1
  }
}

/** Finds the descriptors of all stores in one table. */
function sharesDescriptors(): ObjectStoreSubject {
  const owners = new Map<string, WrappedStore>()

  class SharesDescriptors extends WrappedStore {
    override describe(handle: StoreHandle): Uint8Array {
      const descriptor = super.describe(handle)
      owners.set(Buffer.from(descriptor).toString('hex'), this)
      return descriptor
    }

    override open(descriptor: Uint8Array): StoreHandle {
      const owner = owners.get(Buffer.from(descriptor).toString('hex'))
      return owner === undefined || owner === this ? super.open(descriptor) : owner.open(descriptor)
    }
  }
  return subjectOf(SharesDescriptors)
}

export const descriptorMutants: readonly StoreMutant[] = [
  mutant('O13', 'descriptor', OpensTheFirst),
  mutant('O14', 'descriptor-holds', OpensWithoutHold),
  mutant('O15', 'descriptor-stale', DescribesSlots),
  mutant('O16', 'descriptor-forged', DescribesGenerations),
  { law: 'O17', lawName: 'foreign', subject: sharesDescriptors() },
]
