import type { Register, RegisterEntry, RegisterWatcher } from '@stigmergy/core'
import { Follower } from './follower.js'
import type { Entries } from './entries.js'
import { checkKey, type Names } from './names.js'

/** What a value of the register may have, in bytes. */
const maxValueBytes = 2 ** 16

/** Ends the subject of an entry, so that all that begins with a key is matched by one filter. */
const end = '/'

/** The register of a cluster, in a stream that is laid out as a key-value bucket. */
export class NatsRegister implements Register {
  readonly #entries: Entries
  readonly #names: Names
  readonly #followers = new Set<Follower>()

  constructor(entries: Entries, names: Names) {
    this.#entries = entries
    this.#names = names
  }

  async get(key: string): Promise<RegisterEntry | undefined> {
    const stored = await this.#entries.get(this.#subjectOf(key))
    if (stored?.value === undefined) return undefined
    return { key, value: stored.value, revision: stored.revision }
  }

  async set(key: string, value: Uint8Array, expected?: number): Promise<number | undefined> {
    const subject = this.#subjectOf(key)
    if (value.length > maxValueBytes)
      throw new TypeError(`A value of ${value.length} bytes is over the ${maxValueBytes} of the register.`)
    const revision = await this.#entries.put(subject, value, expected)
    if (revision !== undefined || expected !== 0) return revision
    const mark = await this.#entries.get(subject)
    if (mark === undefined || mark.value !== undefined) return undefined
    return this.#entries.put(subject, value, mark.revision)
  }

  async delete(key: string, expected?: number): Promise<boolean> {
    const subject = this.#subjectOf(key)
    for (;;) {
      const stored = await this.#entries.get(subject)
      if (stored?.value === undefined) return false
      if (expected !== undefined && expected !== stored.revision) return false
      if ((await this.#entries.put(subject, undefined, stored.revision)) !== undefined) return true
    }
  }

  async watch(prefix: string, { onChange, onCurrent }: RegisterWatcher): Promise<AsyncDisposable> {
    checkKey(prefix)
    const head = this.#names.entry('entry', '')
    const keyOf = (subject: string): string => subject.slice(head.length, -1 - end.length)
    const follower = await Follower.start({
      entries: this.#entries,
      filter: this.#names.entry('entry', `${prefix}.>`),
      onChange: (subject, stored) => onChange({ key: keyOf(subject), ...stored }),
      onCurrent: () => onCurrent?.(),
    })
    this.#followers.add(follower)
    return {
      [Symbol.asyncDispose]: async () => {
        this.#followers.delete(follower)
        await follower.close()
      },
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#followers].map((follower) => follower.close()))
  }

  #subjectOf(key: string): string {
    checkKey(key)
    return this.#names.entry('entry', `${key}.${end}`)
  }
}
