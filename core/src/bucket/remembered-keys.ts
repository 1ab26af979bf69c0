type Keys = Map<string | undefined, Set<string>>

/**
 * The last keys of freed objects: a late repeat of a put is known as one. Two generations, of which the older is forgotten as a
 * whole: forgetting entries one by one would cost more than everything else in a put.
 */
export class RememberedKeys {
  readonly #limit: number
  #young: Keys = new Map()
  #youngSize = 0
  #old: Keys = new Map()

  /** Between half of `limit` keys and `limit` are remembered. */
  constructor(limit: number) {
    this.#limit = limit
  }

  has(role: string | undefined, key: string): boolean {
    return (this.#young.get(role)?.has(key) ?? false) || (this.#old.get(role)?.has(key) ?? false)
  }

  add(role: string | undefined, key: string): void {
    if (this.#limit === 0 || this.has(role, key)) return
    if (this.#youngSize >= Math.ceil(this.#limit / 2)) this.#age()
    const keys = this.#young.get(role) ?? new Set()
    this.#young.set(role, keys.add(key))
    this.#youngSize += 1
  }

  #age(): void {
    this.#old = this.#young
    this.#young = new Map()
    this.#youngSize = 0
  }
}
