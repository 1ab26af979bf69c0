/** Two generations of names, as plain data. */
export interface RecentNamesState {
  readonly young: readonly string[]
  readonly old: readonly string[]
}

/** The last names that were added: between half of `limit` and `limit` of them. The older half is forgotten as a whole. */
export class RecentNames {
  readonly #limit: number
  #young = new Set<string>()
  #old: ReadonlySet<string> = new Set()

  constructor(limit: number, { young, old }: RecentNamesState = { young: [], old: [] }) {
    this.#limit = limit
    this.#young = new Set(young)
    this.#old = new Set(old)
  }

  has(name: string): boolean {
    return this.#young.has(name) || this.#old.has(name)
  }

  add(name: string): void {
    if (this.#limit === 0 || this.has(name)) return
    if (this.#young.size >= Math.ceil(this.#limit / 2)) {
      this.#old = this.#young
      this.#young = new Set()
    }
    this.#young.add(name)
  }

  get state(): RecentNamesState {
    return { young: [...this.#young], old: [...this.#old] }
  }
}
