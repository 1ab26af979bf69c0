import {
  type Journal,
  type JournalRecord,
  type Register,
  type RegisterChange,
  type RegisterWatcher,
  StigmergyError,
} from '@stigmergy/core'
import type { SimulatedProcess } from './process.js'
import type { Random } from './random.js'
import type { VirtualTime } from './virtual-time.js'

interface Watch {
  readonly process: SimulatedProcess
  readonly prefix: string
  readonly watcher: RegisterWatcher
  lastAt: number
  /** Whether it was told that all there was has been told. */
  isCurrent: boolean
}

interface StoredRecord extends JournalRecord {
  readonly id: string | undefined
}

/** ms after which a call that was lost is given up. */
const givenUpAfter = 1_000

/** The servers of a cluster as a model: what is stored is stored, calls and answers are under way and get lost. */
export class Servers {
  appends = 0
  changes = 0
  /** ms that a call or an answer is under way, from and to. */
  delay: readonly [min: number, max: number] = [0.2, 2]
  /** How often a call, or its answer, is lost. */
  losses = 0
  isDown = false
  readonly #time: VirtualTime
  readonly #random: Random
  readonly #entries = new Map<string, { value: Uint8Array | undefined; revision: number }>()
  readonly #subjects = new Map<string, StoredRecord[]>()
  readonly #lasts = new Map<string, number>()
  readonly #ids = new Map<string, number>()
  readonly #watches = new Set<Watch>()
  readonly #cut = new Set<SimulatedProcess>()
  #revision = 0
  #seq = 0

  constructor(time: VirtualTime, random: Random) {
    this.#time = time
    this.#random = random
  }

  /** The process reaches the servers no more. */
  cut(process: SimulatedProcess): void {
    this.#cut.add(process)
  }

  heal(): void {
    this.isDown = false
    const cut = [...this.#cut]
    this.#cut.clear()
    for (const watch of this.#watches) if (cut.includes(watch.process)) this.#tellAll(watch)
  }

  registerOf(process: SimulatedProcess): Register {
    return {
      get: (key) =>
        this.#call(process, () => {
          const entry = this.#entries.get(key)
          return entry?.value === undefined
            ? undefined
            : { key, value: entry.value, revision: entry.revision }
        }),
      set: (key, value, expected) => this.#call(process, () => this.#set(key, value, expected)),
      delete: (key, expected) =>
        this.#call(process, () => {
          if (this.#entries.get(key)?.value === undefined) return expected === undefined
          return this.#set(key, undefined, expected) !== undefined
        }),
      watch: (prefix, watcher) => this.#call(process, () => this.#watch(process, prefix, watcher)),
    }
  }

  journalOf(process: SimulatedProcess): Journal {
    return {
      maxRecordBytes: 1_000_000,
      append: (subject, record, options = {}) =>
        this.#call(process, () => this.#append(process, subject, new Uint8Array(record), options)),
      read: (subject, { after = 0, limit = 256 } = {}) =>
        this.#call(process, () =>
          (this.#subjects.get(subject) ?? []).filter(({ seq }) => seq > after).slice(0, limit),
        ),
      last: (subject) => this.#call(process, () => this.#lasts.get(subject) ?? 0),
      trim: (subject, upTo) =>
        this.#call(process, () => {
          const kept = (this.#subjects.get(subject) ?? []).filter(({ seq }) => seq > upTo)
          this.#subjects.set(subject, kept)
        }),
    }
  }

  #call<T>(process: SimulatedProcess, run: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (!process.isAlive) return // nobody is there to hear the answer
      const giveUp = this.#time.after(givenUpAfter, () => process.run(() => reject(unavailable())))
      const isLost = (): boolean => this.isDown || this.#cut.has(process) || this.#random.chance(this.losses)
      this.#time.after(this.#underWay(), () => {
        if (isLost()) return
        let answer: () => void
        try {
          const result = run()
          answer = () => resolve(result)
        } catch (error) {
          answer = () => reject(error instanceof Error ? error : new Error(String(error)))
        }
        this.#time.after(this.#underWay(), () => {
          if (!process.isAlive || isLost()) return
          giveUp.cancel()
          process.run(answer)
        })
      })
    })
  }

  #underWay(): number {
    const [min, max] = this.delay
    return min + this.#random.next() * (max - min)
  }

  #set(key: string, value: Uint8Array | undefined, expected: number | undefined): number | undefined {
    const entry = this.#entries.get(key)
    const revision = entry?.value === undefined ? 0 : entry.revision
    if (expected !== undefined && expected !== revision) return undefined
    this.changes += 1
    this.#revision += 1
    const stored = { value, revision: this.#revision }
    this.#entries.set(key, stored)
    for (const watch of this.#watches)
      if (matches(watch.prefix, key)) this.#tell(watch, { key, value, revision: this.#revision })
    return this.#revision
  }

  #watch(process: SimulatedProcess, prefix: string, watcher: RegisterWatcher): AsyncDisposable {
    const watch: Watch = { process, prefix, watcher, lastAt: 0, isCurrent: false }
    this.#watches.add(watch)
    this.#tellAll(watch)
    return { [Symbol.asyncDispose]: async () => void this.#watches.delete(watch) }
  }

  #tellAll(watch: Watch): void {
    for (const [key, { value, revision }] of this.#entries)
      if (matches(watch.prefix, key)) this.#tell(watch, { key, value, revision })
    if (!watch.isCurrent)
      this.#inTurn(watch, () => {
        watch.isCurrent = true
        watch.watcher.onCurrent?.()
      })
  }

  #tell(watch: Watch, change: RegisterChange): void {
    this.#inTurn(watch, () => watch.watcher.onChange(change))
  }

  #inTurn(watch: Watch, run: () => void): void {
    watch.lastAt = Math.max(watch.lastAt, this.#time.now() + this.#underWay())
    this.#time.at(watch.lastAt, () => {
      if (this.#watches.has(watch) && !this.#cut.has(watch.process)) watch.process.run(run)
    })
  }

  #append(
    process: SimulatedProcess,
    subject: string,
    record: Uint8Array,
    { after, id }: { readonly after?: number; readonly id?: string },
  ): number {
    const known = id === undefined ? undefined : this.#ids.get(id)
    if (known !== undefined) return known
    const last = this.#lasts.get(subject) ?? 0
    if (after !== undefined && after !== last)
      throw new StigmergyError('STG_JOURNAL_CONFLICT', `${subject} is at ${last} and not at ${after}`)
    this.appends += 1
    process.written += 1
    this.#seq += 1
    this.#subjects.set(subject, [...(this.#subjects.get(subject) ?? []), { seq: this.#seq, record, id }])
    this.#lasts.set(subject, this.#seq)
    if (id !== undefined) this.#ids.set(id, this.#seq)
    return this.#seq
  }
}

function matches(prefix: string, key: string): boolean {
  return key === prefix || key.startsWith(`${prefix}.`)
}

function unavailable(): StigmergyError {
  return new StigmergyError('STG_CLUSTER_UNAVAILABLE', 'The servers have not answered in time.', {
    retryable: true,
  })
}
