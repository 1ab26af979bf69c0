import type { Control } from './control.js'
import type { Address } from './descriptor.js'
import { Entry, unread, type Lease } from './entry.js'
import { spilledKind } from './kinds.js'
import { Segment } from './segment.js'
import { settle } from './settle.js'

/** A segment of another member that this window reads. */
export interface Foreign {
  readonly segment: Segment
  /** What this window holds in it, by slot. */
  readonly leases: Map<number, Entry>
}

/** The segments of other members that this window has mapped. */
export class Foreigners {
  readonly #segments = new Map<string, Foreign>()

  constructor(
    private readonly control: Control,
    private readonly member: number,
  ) {}

  /** Undefined when the segment is gone. */
  #find({ member, epoch, segment: number }: Address): Foreign | undefined {
    const key = `${member}-${epoch}-${number}`
    return this.#segments.get(key) ?? this.#map(key, { member, epoch, number })
  }

  /** A hold on the value; undefined when its name is stale. */
  open(address: Address, store: object): Entry | undefined {
    const foreign = this.#find(address)
    const { slot, generation } = address
    const known = foreign?.leases.get(slot)
    if (known !== undefined) {
      if (known.lease?.generation !== generation) return undefined
      known.holds += 1
      return known
    }
    if (foreign === undefined || !this.#hold(foreign, slot, generation)) return undefined
    const entry = entryOf(store, foreign, { foreign, slot, generation })
    foreign.leases.set(slot, entry)
    return entry
  }

  /** The last hold has ended. */
  end({ foreign, slot }: Lease): void {
    foreign.leases.delete(slot)
    foreign.segment.unhold(slot, this.member)
    if (!foreign.segment.isLeft) return
    foreign.segment.free(slot)
    if (foreign.leases.size === 0) this.#leave(foreign)
  }

  /** Ends all holds. */
  close(): void {
    for (const { leases } of this.#segments.values())
      for (const { lease } of leases.values()) if (lease !== undefined) this.end(lease)
    for (const { segment } of this.#segments.values()) segment.unmap()
    this.#segments.clear()
  }

  #hold({ segment }: Foreign, slot: number, generation: number): boolean {
    if (slot >= segment.slots || segment.generation(slot) !== generation) return false
    segment.hold(slot, this.member)
    if (segment.generation(slot) === generation) return true
    segment.unhold(slot, this.member)
    return false
  }

  #map(key: string, name: { member: number; epoch: number; number: number }): Foreign | undefined {
    const segment = Segment.open(this.control, name)
    if (segment === undefined) return undefined
    this.#unmapRemoved()
    const foreign = { segment, leases: new Map<number, Entry>() }
    this.#segments.set(key, foreign)
    return foreign
  }

  /** The owner has left, and this window holds nothing there any more: the last one to do so removes the file. */
  #leave({ segment }: Foreign): void {
    if (segment.freeAll()) segment.discard()
    settle(this.control, segment.name.member)
  }

  #unmapRemoved(): void {
    for (const [key, { segment, leases }] of this.#segments) {
      if (leases.size > 0 || !segment.isRemoved) continue
      segment.unmap()
      this.#segments.delete(key)
    }
  }
}

function entryOf(store: object, { segment }: Foreign, lease: Lease): Entry {
  const { kind, offset, length, accounted } = segment.content(lease.slot)
  const entry = new Entry(store, accounted, unread)
  entry.lease = lease
  entry.kind = kind
  entry.length = length
  entry.offset = offset
  if (kind >= spilledKind) {
    entry.kind -= spilledKind
    entry.file = { member: segment.name.member, epoch: segment.name.epoch, number: offset, bytes: length }
  }
  return entry
}
