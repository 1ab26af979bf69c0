import type { Ran } from './apps/failover.js'

/** What was put, and which firings it was in. */
export class PutRecord {
  readonly #admitted = new Set<string>()
  readonly #keysOf = new Map<string, string>()
  readonly #firingOf = new Map<string, string>()
  readonly #twice: string[] = []

  admitted(key: string): void {
    this.#admitted.add(key)
  }

  /** A firing may run again, with the same objects. */
  ran({ ran: firing, keys }: Ran): void {
    const before = this.#keysOf.get(firing)
    if (before === keys.join()) return
    if (before !== undefined) this.#twice.push(`firing ${firing} ran with ${before} and with ${keys.join()}`)
    this.#keysOf.set(firing, keys.join())
    for (const key of keys) {
      const other = this.#firingOf.get(key)
      if (other !== undefined) this.#twice.push(`object ${key} is in firings ${other} and ${firing}`)
      this.#firingOf.set(key, firing)
    }
  }

  /** Objects that no firing has contained. */
  get waiting(): number {
    return [...this.#admitted].filter((key) => !this.#firingOf.has(key)).length
  }

  /** Throws when an object is in two firings, or a firing had different objects. */
  check(): void {
    if (this.#twice.length > 0) throw new Error(this.#twice.join('\n'))
  }
}
