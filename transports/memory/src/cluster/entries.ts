import type { RegisterChange, RegisterEntry } from '@stigmergy/core'
import { checkKey, checkSize, isUnder } from './keys.js'

const maxValueBytes = 2 ** 16

/** What the register of a cluster holds. */
export class MemoryEntries {
  readonly #entries = new Map<string, RegisterEntry>()
  readonly #listeners = new Set<(change: RegisterChange) => void>()
  #revision = 0

  /** Of the last change of any entry. */
  get revision(): number {
    return this.#revision
  }

  get(key: string): RegisterEntry | undefined {
    checkKey(key)
    return this.#entries.get(key)
  }

  /** The entries whose keys begin with these parts. */
  under(prefix: string): readonly RegisterEntry[] {
    return [...this.#entries.values()].filter(({ key }) => isUnder(prefix, key))
  }

  set(key: string, value: Uint8Array, expected?: number): number | undefined {
    checkKey(key)
    checkSize('A value', value, maxValueBytes)
    if (expected !== undefined && expected !== (this.#entries.get(key)?.revision ?? 0)) return undefined
    const entry = { key, value: new Uint8Array(value), revision: this.#next() }
    this.#entries.set(key, entry)
    this.#tell(entry)
    return entry.revision
  }

  delete(key: string, expected?: number): boolean {
    checkKey(key)
    const entry = this.#entries.get(key)
    if (entry === undefined || (expected !== undefined && expected !== entry.revision)) return false
    this.#entries.delete(key)
    this.#tell({ key, value: undefined, revision: this.#next() })
    return true
  }

  /** Calls `onChange` with each change, from within the call that makes it, until what is returned is called. */
  listen(onChange: (change: RegisterChange) => void): () => void {
    this.#listeners.add(onChange)
    return () => this.#listeners.delete(onChange)
  }

  #next(): number {
    this.#revision += 1
    return this.#revision
  }

  #tell(change: RegisterChange): void {
    for (const listener of this.#listeners) listener(change)
  }
}
