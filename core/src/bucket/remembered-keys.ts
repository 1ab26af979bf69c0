/** The last keys of freed objects: a late repeat of a put is known as one. Forgets the oldest beyond its limit. */
export class RememberedKeys {
  readonly #limit: number
  readonly #keys = new Map<string, Set<string | undefined>>()
  #size = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#size
  }

  has(role: string | undefined, key: string): boolean {
    return this.#keys.get(key)?.has(role) ?? false
  }

  add(role: string | undefined, key: string): void {
    const roles = this.#keys.get(key) ?? new Set()
    if (roles.has(role)) return
    this.#keys.set(key, roles.add(role))
    this.#size += 1
    while (this.#size > this.#limit) this.#forgetOldest()
  }

  #forgetOldest(): void {
    const oldest = this.#keys.entries().next().value
    if (oldest === undefined) return
    this.#keys.delete(oldest[0])
    this.#size -= oldest[1].size
  }
}
