/** Names of what is over, each for a while. Beyond its limit it forgets the oldest first. */
export class Tombstones {
  readonly #keepMs: number
  readonly #limit: number
  /** When each is forgotten; in order, because all are kept equally long. */
  readonly #until = new Map<string, number>()

  constructor(keepMs: number, limit: number) {
    this.#keepMs = keepMs
    this.#limit = limit
  }

  get size(): number {
    return this.#until.size
  }

  has(name: string, now: number): boolean {
    const until = this.#until.get(name)
    return until !== undefined && now < until
  }

  add(name: string, now: number): void {
    this.#until.delete(name)
    this.#until.set(name, now + this.#keepMs)
    for (const [oldest, until] of this.#until) {
      if (until > now && this.#until.size <= this.#limit) break
      this.#until.delete(oldest)
    }
  }
}
