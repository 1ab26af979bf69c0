/**
 * Names of what is over, each for a while. Two generations, of which the older is forgotten as a whole: forgetting entries one
 * by one would cost more than the session did.
 */
export class Tombstones {
  readonly #keepMs: number
  readonly #limit: number
  /** When each is forgotten, ms since epoch. */
  #young = new Map<string, number>()
  #old = new Map<string, number>()
  /** When the youngest of the older generation is forgotten. */
  #agesAt = Infinity
  #hasForgotten = false

  /** At most `limit` names are kept, and at least half as many. */
  constructor(keepMs: number, limit: number) {
    this.#keepMs = keepMs
    this.#limit = limit
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  has(name: string, now: number): boolean {
    const until = this.#young.get(name) ?? this.#old.get(name)
    return until !== undefined && now < until
  }

  /** Whether something of this name may have been over before: with names forgotten, that may be any. */
  mayHaveHad(name: string): boolean {
    return this.#hasForgotten || this.#young.has(name) || this.#old.has(name)
  }

  add(name: string, now: number): void {
    if (this.#limit === 0) return void (this.#hasForgotten = true)
    if (this.#young.size >= Math.ceil(this.#limit / 2) || now >= this.#agesAt) this.#age()
    if (this.#young.size === 0) this.#agesAt = now + this.#keepMs
    this.#young.set(name, now + this.#keepMs)
  }

  #age(): void {
    if (this.#old.size > 0) this.#hasForgotten = true
    this.#old = this.#young
    this.#young = new Map()
  }
}
