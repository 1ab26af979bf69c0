import { buffersIn } from './buffers-in.js'
import type { Entry } from './entry.js'
import type { Segment } from './segment.js'

/**
 * Mapped memory that readers have been given. Each value gets a buffer of its own, which is detached when the last hold of this
 * window on it ends: who keeps a view longer finds it empty, and never sees what takes its place.
 */
export class Views {
  readonly #entries = new Map<ArrayBufferLike, Entry>()

  /** Bytes of a segment, in place. */
  open(entry: Entry, segment: Segment, offset: number): ArrayBuffer {
    const buffer = segment.view(offset, entry.length)
    this.add(entry, buffer)
    return buffer
  }

  /** A buffer that ends with an entry. */
  add(entry: Entry, buffer: ArrayBuffer): void {
    entry.view = buffer
    this.#entries.set(buffer, entry)
  }

  end(entry: Entry): void {
    const { view, lease, block } = entry
    if (view === undefined) return
    entry.view = undefined
    this.#entries.delete(view)
    if (lease !== undefined) lease.foreign.segment.takeBack(view, entry.offset)
    else block?.home.segment.takeBack(view, block.extent.offset)
  }

  /** The entries whose memory `value` refers to. A value that was put by reference must hold them, or it would end with them. */
  entriesIn(value: unknown): readonly Entry[] | undefined {
    if (this.#entries.size === 0 || typeof value !== 'object' || value === null) return undefined
    const found = [...buffersIn(value)].flatMap((buffer) => this.#entries.get(buffer) ?? [])
    return found.length === 0 ? undefined : found
  }

  close(): void {
    for (const entry of this.#entries.values()) this.end(entry)
  }
}
