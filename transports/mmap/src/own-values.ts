import { rawOf, valueKinds, type Clock } from '@stigmergy/core'
import { Arena, type Block } from './arena.js'
import type { Control } from './control.js'
import type { Address } from './descriptor.js'
import type { Encoding } from './encoding.js'
import { Entry, unread } from './entry.js'
import { spilledKind } from './kinds.js'
import { Lingering } from './lingering.js'
import { settle } from './settle.js'
import { removeSpill, writeSpilled, type SpillFile } from './spill.js'
import { noMemory } from './store-errors.js'

/** From here on the bytes of a structured value are written where they are going to be read, and not copied there. */
const largeBytes = 2 ** 16

export interface OwnValuesParts {
  readonly control: Control
  readonly member: number
  readonly encoding: Encoding
  readonly clock: Clock
  /** Others have ended their holds, and there is more room than before. */
  readonly onRoom: () => void
}

/** What an entry says of a value that is on the disk. */
type OnDisk = Pick<Entry, 'kind' | 'length'> & { readonly file: SpillFile }

/** The values that this window has put: kept by reference until they are described, then in its own segments as well. */
export class OwnValues {
  readonly epoch: number
  readonly #parts: OwnValuesParts
  readonly #arena: Arena
  readonly #lingering: Lingering
  /** Values on the disk that only this window knows of. */
  readonly #spilled = new Set<Entry>()
  #spills = 0

  constructor(parts: OwnValuesParts) {
    const { control, member, clock } = parts
    this.#parts = parts
    this.epoch = control.enter(member)
    this.#arena = new Arena(control, member, this.epoch, clock)
    this.#lingering = new Lingering({ clock, onFree: parts.onRoom, free: (block) => this.#reclaim(block) })
  }

  /** Looks at a few values that others may be done with. */
  tidy(): void {
    if (this.#lingering.size > 0) this.#lingering.look(2)
  }

  /** Looks at all of them. Returns whether there is more room than before. */
  tidyAll(): boolean {
    return this.#lingering.look(this.#lingering.size)
  }

  /** Counts a value, if it fits. */
  take(bytes: number): boolean {
    const { control, member } = this.#parts
    return control.take(member, bytes) || (this.tidyAll() && control.take(member, bytes))
  }

  /** Ends the count of a value that has no block and no file. */
  give(bytes: number): void {
    this.#parts.control.give(this.#parts.member, bytes)
  }

  /** Room in a segment; undefined when the machine has none. */
  takeBlock(bytes: number): Block | undefined {
    return this.#arena.take(bytes) ?? (this.tidyAll() ? this.#arena.take(bytes) : undefined)
  }

  giveBlock(block: Block): void {
    this.#arena.give(block)
  }

  /** Gives a value a name, and writes its bytes where others can read them. Throws `STG_STORE_FULL` when the machine has no room. */
  share(entry: Entry): Address {
    const block = entry.block?.generation ? entry.block : this.#name(entry)
    const { member } = this.#parts
    const segment = block.home.segment.name.number
    return { member, epoch: this.epoch, segment, slot: block.slot, generation: block.generation }
  }

  /** A hold on what this window has described; undefined when the name is stale. */
  open({ segment, slot, generation }: Address): Entry | undefined {
    const block = this.#arena.find(segment, slot)
    if (block?.generation !== generation || block.tenant === undefined) return undefined
    if (block.tenant.holds === 0) return this.#reopen(block, block.tenant)
    block.tenant.holds += 1
    return block.tenant
  }

  /** The last hold of this window has ended. */
  end(entry: Entry): void {
    const { block } = entry
    if (block === undefined) this.#forget(entry)
    else if (block.generation === 0) this.#take(block, entry)
    else {
      block.home.segment.unhold(block.slot, this.#parts.member)
      // One that came back while others held it is still looked after, and must not be given back twice.
      if (block.lingers || !this.#reclaim(block)) this.#lingering.add(block)
    }
  }

  /** Writes a value to the disk, if it may and fits. */
  spill(store: object, value: unknown, bytes: number): Entry | undefined {
    if (this.#parts.control.spillDirectory === undefined) return undefined
    const file = this.#toDisk(this.#rawFor(value))
    if (file === undefined) return undefined
    const entry = Object.assign(new Entry(store, bytes, unread), file)
    this.#spilled.add(entry)
    return entry
  }

  /** Ends all holds of this window. What others hold stays, and they are the ones to remove it. */
  leave(): void {
    const { control, member } = this.#parts
    this.#lingering.close()
    this.#arena.close()
    for (const { segment, blocks } of this.#arena.homes) {
      for (const block of blocks) if (block?.generation) segment.unhold(block.slot, member)
      segment.leave()
      if (segment.freeAll()) segment.discard()
      segment.unmap()
    }
    control.leave(member)
    settle(control, member)
  }

  #rawFor(value: unknown): { readonly kind: number; readonly bytes: Uint8Array } {
    return rawOf(value) ?? { kind: valueKinds.cbor, bytes: this.#parts.encoding.encode(value, undefined) }
  }

  #toDisk({ kind, bytes }: { readonly kind: number; readonly bytes: Uint8Array }): OnDisk | undefined {
    const { control, member } = this.#parts
    const { length } = bytes
    if (control.spillDirectory === undefined || !control.spill(member, length)) return undefined
    const file = { member, epoch: this.epoch, number: this.#spills, bytes: length }
    this.#spills += 1
    if (writeSpilled(control, file, bytes)) return { kind, length, file }
    control.unspill(member, length)
    return undefined
  }

  #name(entry: Entry): Block {
    if (entry.file !== undefined) return this.#nameFile(entry)
    const block = entry.block ?? this.#write(entry)
    if (block === undefined) return this.#nameOnDisk(entry)
    entry.block = block
    entry.offset = block.extent.offset
    this.#fill(block, entry, entry.kind)
    return block
  }

  /** The limit has room for the value, and the machine has none. */
  #nameOnDisk(entry: Entry): Block {
    const before = entry.bytes
    const file = this.#toDisk(this.#rawFor(entry.value))
    if (file === undefined) throw noMemory(before, this.#parts.control.directory)
    this.give(before)
    Object.assign(entry, file)
    this.#spilled.add(entry)
    return this.#nameFile(entry)
  }

  #nameFile(entry: Entry): Block {
    const block = this.takeBlock(0)
    if (block === undefined) throw noMemory(0, this.#parts.control.directory)
    entry.block = block
    entry.offset = entry.file?.number ?? 0
    this.#fill(block, entry, entry.kind + spilledKind)
    this.#spilled.delete(entry)
    return block
  }

  #fill(block: Block, entry: Entry, kind: number): void {
    const { offset, length } = entry
    if (entry.file === undefined) this.#grow(entry, length)
    block.tenant = entry
    block.generation = block.home.segment.fill(block.slot, { kind, offset, length, accounted: entry.bytes })
  }

  /** What a structured value takes is known only now. */
  #grow(entry: Entry, length: number): void {
    if (length <= entry.bytes) return
    this.#parts.control.grow(this.#parts.member, length - entry.bytes)
    entry.bytes = length
  }

  #write(entry: Entry): Block | undefined {
    const raw = rawOf(entry.value)
    if (raw === undefined) return this.#encode(entry)
    entry.kind = raw.kind
    return this.#copy(entry, raw.bytes)
  }

  #encode(entry: Entry): Block | undefined {
    const { encoding } = this.#parts
    entry.kind = valueKinds.cbor
    const room = entry.bytes < largeBytes ? undefined : this.takeBlock(entry.bytes + largeBytes)
    try {
      const target = room?.bytes
      const bytes = encoding.encode(entry.value, target)
      if (room === undefined || bytes.buffer !== target?.buffer || bytes.length < room.extent.bytes / 2)
        return this.#copyAnd(entry, bytes, room)
      entry.length = bytes.length
      return room
    } catch (error) {
      if (room !== undefined) this.giveBlock(room)
      throw error
    }
  }

  /** The room that was made was too small, or far too large. */
  #copyAnd(entry: Entry, bytes: Uint8Array, room: Block | undefined): Block | undefined {
    const block = this.#copy(entry, bytes)
    if (room !== undefined) this.giveBlock(room)
    return block
  }

  #copy(entry: Entry, bytes: Uint8Array): Block | undefined {
    const block = this.takeBlock(bytes.length)
    if (block === undefined) return undefined
    new Uint8Array(block.home.segment.buffer, block.extent.offset, bytes.length).set(bytes)
    entry.length = bytes.length
    return block
  }

  /** This window has ended its holds, and others have not: it can come back. */
  #reopen(block: Block, before: Entry): Entry | undefined {
    const { segment } = block.home
    if (!segment.isHeld(block.slot)) return undefined
    segment.hold(block.slot, this.#parts.member)
    const { kind, length, offset, file } = before
    const entry = new Entry(before.store, before.bytes, unread)
    block.tenant = Object.assign(entry, { kind, length, offset, file, block })
    return entry
  }

  #reclaim(block: Block): boolean {
    if (!block.home.segment.free(block.slot)) return false
    if (block.tenant !== undefined) this.#take(block, block.tenant)
    return true
  }

  #take(block: Block, entry: Entry): void {
    this.giveBlock(block)
    this.#forget(entry)
  }

  #forget(entry: Entry): void {
    const { control, member } = this.#parts
    if (entry.file === undefined) {
      this.give(entry.bytes)
      return
    }
    this.#spilled.delete(entry)
    control.unspill(member, entry.file.bytes)
    removeSpill(control, entry.file)
  }
}
