import type { Disposition, ObjectRef } from '@stigmergy/core'
import type { LedgerEntry } from '@stigmergy/core/cell'
import type { Decision } from './journal.js'

/**
 * Counts where objects have gone, from the effects of the trigger alone, so that the ledger of its cell can be checked against
 * somebody else's figures.
 */
export class Tally {
  admitted = 0
  fired = 0
  readonly #disposed = new Map<Disposition, number>()
  readonly #held = new Set<number>()
  /** `seq` of held objects that a firing has contained already: they count as fired when their holding ends. */
  readonly #kept = new Set<number>()

  hold({ seq }: ObjectRef): void {
    this.#held.add(seq)
  }

  decide({ event, firings, disposed, released }: Decision): void {
    if (event.kind === 'object') this.#held.add(event.object.seq)
    for (const { objects, keeps = [] } of firings) {
      for (const object of objects) if (keeps.includes(object)) this.#kept.add(object.seq)
      for (const object of objects) if (!keeps.includes(object)) this.#fire(object)
    }
    for (const { object, reason } of disposed) this.dispose(object, reason)
    for (const object of released) this.#fire(object)
  }

  dispose({ seq }: ObjectRef, reason: Disposition): void {
    this.#held.delete(seq)
    if (this.#kept.delete(seq)) this.fired += 1
    else this.#disposed.set(reason, (this.#disposed.get(reason) ?? 0) + 1)
  }

  /** The figures in the form of a ledger. */
  read(): LedgerEntry {
    const { admitted, fired } = this
    return { admitted, fired, pending: this.#held.size, disposed: Object.fromEntries(this.#disposed) }
  }

  #fire({ seq }: ObjectRef): void {
    this.#held.delete(seq)
    this.#kept.delete(seq)
    this.fired += 1
  }
}
