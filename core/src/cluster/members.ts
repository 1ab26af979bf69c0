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

/** A member as others know it: the same object as long as it is known, with what it told last. */
export interface Member {
  readonly entry: MemberEntry
  readonly revision: number
}

interface Seen extends Member {
  entry: MemberEntry
  revision: number
  /** When its last renewal was seen, by this member's clock. */
  at: number
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
  #live: ReadonlyMap<string, Member> = new Map()
  /** Until then nobody else falls silent. */
  #liveUntil = -Infinity
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

  /** Those that live, by id. It is the same map while the same ones live and have the same apps: it is asked for with each firing. */
  get live(): ReadonlyMap<string, Member> {
    if (this.#options.clock.now() > this.#liveUntil) this.#findLive()
    return this.#live
  }

  /** Undefined for one that does not live. */
  addressOf(id: string): string | undefined {
    return this.live.get(id)?.entry.address
  }

  /** Which entry of it was seen last; 0 for one that is unknown. */
  revisionOf(id: string): number {
    return this.#seen.get(id)?.revision ?? 0
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

  #findLive(): void {
    const live = new Map([...this.#seen].filter(([, { at }]) => !this.#isSilent(at)))
    const oldest = [...live.values()].reduce((least, { at }) => Math.min(least, at), Infinity)
    this.#live = live
    this.#liveUntil = oldest + this.#patienceMs
  }

  #isSilent(at: number): boolean {
    return this.#options.clock.now() > at + this.#patienceMs
  }

  get #patienceMs(): number {
    return this.#options.leaseMs * patience
  }

  #changed({ key, value, revision }: RegisterChange): void {
    const { clock, prefix, onChange } = this.#options
    const id = key.slice(prefix.length + 1)
    const known = this.#seen.get(id)
    if (value === undefined) {
      this.#seen.delete(id)
      this.#liveUntil = -Infinity
      if (known !== undefined) onChange()
      return
    }
    if (known?.revision === revision) return // told again after a lost connection
    const entry = decodeEntry<MemberEntry>(value)
    const isNew = known === undefined || this.#isSilent(known.at)
    if (isNew || known.entry.apps.join() !== entry.apps.join()) this.#liveUntil = -Infinity
    if (known === undefined) this.#seen.set(id, { entry, revision, at: clock.now() })
    else Object.assign(known, { entry, revision, at: clock.now() })
    if (isNew) onChange()
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
