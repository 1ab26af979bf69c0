import type { RegisterChange, RegisterWatcher } from '@stigmergy/core'
import type { MemoryEntries } from './entries.js'
import { isUnder } from './keys.js'

export interface WatchParts {
  readonly entries: MemoryEntries
  readonly prefix: string
  readonly watcher: RegisterWatcher
  /** Runs what tells the watcher, later and in the order of the calls, or not at all. */
  readonly deliver: (run: () => void) => void
}

/** A watcher of the register, and what it knows. */
export class MemoryWatch implements AsyncDisposable {
  readonly #parts: WatchParts
  /** Revisions of what it was told and is there. */
  readonly #known = new Map<string, number>()
  readonly #stop: () => void
  #isCurrent = false
  #isOver = false

  constructor(parts: WatchParts) {
    this.#parts = parts
    this.#stop = parts.entries.listen((change) => {
      if (isUnder(parts.prefix, change.key)) this.#tell(change)
    })
    this.catchUp()
  }

  /** Tells all that there is and the watcher does not know, as at the beginning and when something may not have been delivered. */
  catchUp(): void {
    const { entries, prefix, watcher } = this.#parts
    const found = entries.under(prefix)
    const keys = new Set(found.map(({ key }) => key))
    for (const entry of found) this.#tell(entry)
    for (const key of this.#known.keys())
      if (!keys.has(key)) this.#tell({ key, value: undefined, revision: entries.revision })
    this.#deliver(() => {
      if (this.#isCurrent) return
      this.#isCurrent = true
      watcher.onCurrent?.()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    this.#stop()
  }

  #tell(change: RegisterChange): void {
    const { key, value, revision } = change
    this.#deliver(() => {
      if (revision <= (this.#known.get(key) ?? 0)) return
      if (value === undefined) {
        if (!this.#known.delete(key) && !this.#isCurrent) return
        this.#parts.watcher.onChange(change)
      } else {
        this.#known.set(key, revision)
        this.#parts.watcher.onChange({ key, value: new Uint8Array(value), revision })
      }
    })
  }

  #deliver(run: () => void): void {
    this.#parts.deliver(() => {
      if (!this.#isOver) run()
    })
  }
}
