import type { Clock, Timer } from '../clock.js'
import type { Register, RegisterChange } from '../contract/index.js'
import { decodeEntry, type MemberEntry } from './register-values.js'

export interface MembersOptions {
  readonly register: Register
  /** One that does not jump. */
  readonly clock: Clock
  /** `nodes` or `coordinators`. */
  readonly prefix: string
  readonly leaseMs: number
  /** Somebody came, went, or was silent for longer than a lease. */
  readonly onChange: () => void
}

/** A member as others know it. */
export interface Member {
  readonly entry: MemberEntry
  readonly revision: number
}

interface Seen extends Member {
  /** When its last renewal was seen, by this member's clock. */
  readonly at: number
}

/**
 * Others wait this much longer than a lease lasts, so that no two clocks whose rates differ by less make one hold what another
 * has taken.
 */
const patience = 1.25

/** The members of one kind, by the entries that they keep renewing. Each judges by its own clock how long an entry is unchanged. */
export class Members {
  readonly #options: MembersOptions
  readonly #seen = new Map<string, Seen>()
  #watch: AsyncDisposable | undefined
  #timer: Timer | undefined
  #isClosed = false

  constructor(options: MembersOptions) {
    this.#options = options
  }

  /** Resolves when those that there are are known. */
  async open(): Promise<void> {
    const { register, prefix } = this.#options
    await new Promise<void>((resolve, reject) => {
      const watcher = { onChange: (change: RegisterChange) => this.#changed(change), onCurrent: resolve }
      register.watch(prefix, watcher).then((watch) => {
        this.#watch = watch
        if (this.#isClosed) void watch[Symbol.asyncDispose]()
      }, reject)
    })
    this.#lookLater()
  }

  /** Those that live, by id. */
  get live(): ReadonlyMap<string, MemberEntry> {
    const live = new Map<string, MemberEntry>()
    for (const [id, { entry, at }] of this.#seen) if (!this.#isSilent(at)) live.set(id, entry)
    return live
  }

  isLive(id: string): boolean {
    const seen = this.#seen.get(id)
    return seen !== undefined && !this.#isSilent(seen.at)
  }

  /** Those who have not renewed their leases in time: to be removed, and not to be counted on. */
  get silent(): readonly Member[] {
    return [...this.#seen.values()].filter(({ at }) => this.#isSilent(at))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    await this.#watch?.[Symbol.asyncDispose]()
  }

  #isSilent(at: number): boolean {
    const { clock, leaseMs } = this.#options
    return clock.now() - at > leaseMs * patience
  }

  #changed({ key, value, revision }: RegisterChange): void {
    const { clock, prefix, onChange } = this.#options
    const id = key.slice(prefix.length + 1)
    const before = this.#seen.get(id)
    if (value === undefined) {
      if (this.#seen.delete(id)) onChange()
      return
    }
    if (before?.revision === revision) return // told again after a lost connection
    this.#seen.set(id, { entry: decodeEntry<MemberEntry>(value), revision, at: clock.now() })
    if (before === undefined || this.#isSilent(before.at)) onChange()
  }

  #lookLater(): void {
    const { clock, leaseMs, onChange } = this.#options
    if (this.#isClosed) return
    this.#timer = clock.setTimer(clock.now() + leaseMs / 4, () => {
      if (this.silent.length > 0) onChange()
      this.#lookLater()
    })
  }
}
