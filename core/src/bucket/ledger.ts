import { type Disposition, dispositions } from '../contract/index.js'

/** Where every object that a trigger admitted has gone: `admitted = fired + disposed + pending`, always. */
export interface LedgerEntry {
  readonly admitted: number
  readonly fired: number
  readonly pending: number
  readonly disposed: Readonly<Partial<Record<Disposition, number>>>
}

/** What a trigger has taken in and let go. What it holds is counted where it is held, so that the sum is a real check. */
export class Ledger {
  admitted = 0
  fired = 0
  readonly #disposed = new Map<Disposition, number>()

  dispose(reason: Disposition): void {
    this.#disposed.set(reason, (this.#disposed.get(reason) ?? 0) + 1)
  }

  /** Goes on from the figures of an earlier life. */
  restore({ admitted, fired, disposed }: Omit<LedgerEntry, 'pending'>): void {
    this.admitted = admitted
    this.fired = fired
    this.#disposed.clear()
    for (const [reason, count] of Object.entries(disposed)) this.#disposed.set(reason as Disposition, count)
  }

  /** The figures as plain data; reasons that did not occur are absent. */
  read(pending: number): LedgerEntry {
    const disposed: Partial<Record<Disposition, number>> = {}
    for (const reason of dispositions) {
      const count = this.#disposed.get(reason)
      if (count !== undefined) disposed[reason] = count
    }
    return { admitted: this.admitted, fired: this.fired, pending, disposed }
  }
}
