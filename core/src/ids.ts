import { randomBytes } from 'node:crypto'

/** Where the names of sessions come from. */
export interface Ids {
  /** A session name that this runtime has not given before, and no other will give. */
  session(): string
  /** Whether `session()` has returned this name. It lets a runtime know an ended session without remembering it. */
  issued(name: string): boolean
}

/** Names of a random prefix and a counter: unique across runtimes, cheap, and recognised by comparison. */
export class CountingIds implements Ids {
  readonly #prefix: string
  #count = 0

  constructor(prefix = `${randomBytes(6).toString('base64url')}.`) {
    this.#prefix = prefix
  }

  session(): string {
    this.#count += 1
    return this.#prefix + this.#count.toString(36)
  }

  issued(name: string): boolean {
    if (!name.startsWith(this.#prefix)) return false
    const suffix = name.slice(this.#prefix.length)
    const number = Number.parseInt(suffix, 36)
    return number >= 1 && number <= this.#count && number.toString(36) === suffix
  }
}
