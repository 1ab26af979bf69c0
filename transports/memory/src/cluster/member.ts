import {
  StigmergyError,
  type ClusterMember,
  type Journal,
  type Register,
  type RegisterWatcher,
} from '@stigmergy/core'
import type { MemoryNetwork } from '../network.js'
import { MemoryTransport } from '../transport.js'
import type { MemoryEntries } from './entries.js'
import { checkKey } from './keys.js'
import type { MemoryRecords } from './records.js'
import { MemoryWatch } from './watch.js'

/** What the members of a cluster share. */
export interface MemoryCluster {
  readonly network: MemoryNetwork
  readonly entries: MemoryEntries
  readonly records: MemoryRecords
}

export interface MemberParts {
  readonly cluster: MemoryCluster
  /** Whether calls are answered. */
  readonly isUp: () => boolean
  readonly onClosed: () => void
}

/** A membership in a cluster of one process. */
export class MemoryMember implements ClusterMember {
  readonly transport: MemoryTransport
  readonly register: Register
  readonly journal: Journal
  readonly #parts: MemberParts
  readonly #watches = new Set<MemoryWatch>()
  #isClosed = false

  constructor(parts: MemberParts) {
    const { network, entries, records } = parts.cluster
    this.#parts = parts
    this.transport = new MemoryTransport({ network })
    this.register = {
      get: (key) =>
        this.#call(() => {
          const entry = entries.get(key)
          return entry && { ...entry, value: new Uint8Array(entry.value) }
        }),
      set: (key, value, expected) => this.#call(() => entries.set(key, value, expected)),
      delete: (key, expected) => this.#call(() => entries.delete(key, expected)),
      watch: (prefix, watcher) => this.#call(() => this.#watch(prefix, watcher)),
    }
    this.journal = {
      maxRecordBytes: records.limits.maxRecordBytes,
      append: (subject, record, options) => this.#call(() => records.append(subject, record, options)),
      read: (subject, options) =>
        this.#call(() =>
          records.read(subject, options).map(({ seq, record }) => ({ seq, record: new Uint8Array(record) })),
        ),
      last: (subject) => this.#call(() => records.last(subject)),
      trim: (subject, upTo) => this.#call(() => records.trim(subject, upTo)),
    }
  }

  /** Tells the watchers what they have missed. */
  catchUp(): void {
    for (const watch of this.#watches) watch.catchUp()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const watch of this.#watches) await watch[Symbol.asyncDispose]()
    await this.transport.close()
    this.#parts.onClosed()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #call<Value>(run: () => Value): Promise<Value> {
    if (this.#isClosed) throw new StigmergyError('STG_CLOSED', 'The member has left the cluster.')
    checkUp(this.#parts.isUp())
    return run()
  }

  #watch(prefix: string, watcher: RegisterWatcher): AsyncDisposable {
    checkKey(prefix)
    const watch = new MemoryWatch({
      entries: this.#parts.cluster.entries,
      prefix,
      watcher,
      deliver: (run) => setImmediate(() => this.#parts.isUp() && run()),
    })
    this.#watches.add(watch)
    return {
      [Symbol.asyncDispose]: async () => {
        this.#watches.delete(watch)
        await watch[Symbol.asyncDispose]()
      },
    }
  }
}

/** Throws `STG_CLUSTER_UNAVAILABLE` unless calls are answered. */
export function checkUp(isUp: boolean): void {
  if (!isUp)
    throw new StigmergyError('STG_CLUSTER_UNAVAILABLE', 'The exchange is stopped: resume it.', {
      retryable: true,
    })
}
