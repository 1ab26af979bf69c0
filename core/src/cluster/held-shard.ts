import type { Clock, Timer } from '../clock.js'
import type { Journal } from '../contract/index.js'
import { asError } from '../error-info.js'
import { StigmergyError } from '../errors.js'
import type { Decision } from './decision.js'
import type { SharedSession } from './shared-sessions.js'
import { moved, readLog, ShardLog } from './shard-log.js'
import {
  decodeShardEntry,
  encodeShardEntry,
  type EntryOutcome,
  type ShardEntry,
  ShardState,
  type SharedApp,
} from './shard-state.js'

export interface HeldShardOptions {
  readonly shard: number
  readonly epoch: number
  readonly journal: Journal
  readonly apps: ReadonlyMap<string, SharedApp>
  /** Wall clock: the time that triggers see. */
  readonly clock: Clock
  readonly maxSessions: number
  /** Entries that may wait to be written. */
  readonly maxWaiting: number
  /** Entries after which a snapshot takes the place of the log. */
  readonly snapshotEvery: number
  /** ms for which ended sessions are remembered. */
  readonly tombstoneMs: number
  readonly retryMs: number
  /** Whether this coordinator may act at all. */
  readonly mayAct: () => boolean
  readonly isDurable: (app: string, bucket: string) => boolean
  /** An entry has been applied, or was refused, without an outcome; nothing of this can be undone. */
  readonly onApplied: (entry: ShardEntry, outcome: EntryOutcome, decisions: readonly Decision[]) => void
  /** These ended long ago, and are known no longer. */
  readonly onForgotten: (sessions: readonly SharedSession[]) => void
  readonly onFenced: () => void
}

/**
 * A shard at the coordinator that holds it: its state, and the log that makes the same state anywhere else. An entry is written first and
 * applied then, so that whatever is told to anybody is known to the next holder, too.
 */
export class HeldShard {
  readonly #options: HeldShardOptions
  #state: ShardState | undefined
  #log: ShardLog | undefined
  #alarm: { readonly dueAt: number; readonly timer: Timer } | undefined
  #entries = 0
  #isNew = false
  #isOver = false

  constructor(options: HeldShardOptions) {
    this.#options = options
  }

  get shard(): number {
    return this.#options.shard
  }

  get epoch(): number {
    return this.#options.epoch
  }

  /** Undefined until it is open. */
  get state(): ShardState | undefined {
    return this.#state
  }

  /** Whether nothing was in its log when it was opened. */
  get isNew(): boolean {
    return this.#isNew
  }

  get waiting(): number {
    return this.#log?.waiting ?? 0
  }

  /** Reads the log, and shuts out whoever has written it before. */
  async open(): Promise<void> {
    const { journal, shard, epoch, apps, maxSessions, clock, maxWaiting, retryMs, isDurable } = this.#options
    const subject = `shard.${shard}`
    for (;;) {
      const { snapshot, entries, last } = await readLog(journal, subject)
      if (this.#isOver) throw moved(subject)
      const state = new ShardState(
        apps,
        maxSessions,
        (app, bucket) => (isDurable(app, bucket) ? 0 : epoch),
        snapshot,
      )
      for (const bytes of entries) this.#replay(state, decodeShardEntry(bytes))
      const onFenced = (): void => this.#fenced()
      const log = new ShardLog({ journal, clock, subject, epoch, maxWaiting, retryMs, onFenced }, last)
      this.#log = log
      if (!(await log.begin())) continue // the holder before has written in between
      if (this.#isOver) throw moved(subject)
      this.#state = state
      this.#entries = entries.length
      this.#isNew = snapshot === undefined && entries.length === 0
      this.#setAlarm()
      return
    }
  }

  /** Has an entry happen; what came of it. Rejects with what it is refused with, and with `STG_SHARD_MOVED`. */
  propose(entry: ShardEntry): Promise<EntryOutcome> {
    const subject = `shard.${this.shard}`
    return new Promise((resolve, reject) => {
      if (this.#state === undefined || this.#isOver) return reject(moved(subject))
      const apply = (): void => {
        try {
          resolve(this.#apply(entry))
        } catch (error) {
          reject(asError(error))
        }
      }
      if (this.#isForLog(entry)) return this.#log!.append(encodeShardEntry(entry), apply, reject)
      if (this.#options.mayAct()) apply()
      else reject(moved(subject))
    })
  }

  /** Time as triggers see it: that of the wall clock. */
  now(): number {
    return this.#options.clock.now()
  }

  /** Resolves when what was proposed has happened; nothing more is taken. */
  async close(): Promise<void> {
    await this.#log?.close()
    this.#end()
  }

  /** Another holds it: nothing here has an effect any more. */
  drop(): void {
    this.#end()
    this.#log?.fence()
  }

  #end(): void {
    this.#isOver = true
    this.#alarm?.timer.cancel()
    this.#alarm = undefined
  }

  #fenced(): void {
    if (this.#isOver) return
    this.#end()
    this.#options.onFenced()
  }

  #isForLog(entry: ShardEntry): boolean {
    const bucket = bucketOf(entry)
    return bucket === undefined || this.#options.isDurable(bucket.app, bucket.bucket)
  }

  #apply(entry: ShardEntry): EntryOutcome {
    const state = this.#state!
    const place = bucketOf(entry)
    const bucket = place === undefined ? undefined : state.bucket(place.app, place.bucket)
    let outcome: EntryOutcome
    try {
      return (outcome = state.apply(entry))
    } finally {
      const decisions: readonly Decision[] = bucket?.takeDecisions() ?? []
      this.#setAlarm()
      this.#countEntry()
      if (!this.#isOver) this.#options.onApplied(entry, outcome, decisions)
    }
  }

  /** What was refused then is refused again. */
  #replay(state: ShardState, entry: ShardEntry): void {
    try {
      state.apply(entry)
    } catch (error) {
      if (!StigmergyError.is(error)) throw error
    }
    for (const bucket of state.buckets) bucket.takeDecisions()
  }

  #countEntry(): void {
    const { snapshotEvery, isDurable, clock, tombstoneMs, onForgotten } = this.#options
    const state = this.#state!
    this.#entries += 1
    if (this.#entries < snapshotEvery || !state.isComplete) return
    this.#entries = 0
    const forget: ShardEntry = ['forget', clock.now(), clock.now() - tombstoneMs]
    this.propose(forget).then(
      (sessions) => onForgotten(sessions as readonly SharedSession[]),
      () => undefined, // the next holder will
    )
    this.#log!.compact(() => state.snapshot(isDurable))
  }

  /** One timer for whatever in this shard waits for a moment. */
  #setAlarm(): void {
    const { clock } = this.#options
    let dueAt = Infinity
    for (const bucket of this.#state?.buckets ?? []) dueAt = Math.min(dueAt, bucket.nextDueAt)
    if (this.#alarm?.dueAt === dueAt || this.#isOver) return
    this.#alarm?.timer.cancel()
    this.#alarm = dueAt === Infinity ? undefined : { dueAt, timer: clock.setTimer(dueAt, () => this.#ring()) }
  }

  #ring(): void {
    this.#alarm = undefined
    const now = this.now()
    for (const { app, name, nextDueAt } of this.#state!.buckets)
      if (nextDueAt <= now) this.propose(['advance', now, app, name]).catch(() => this.#ringAgain())
  }

  /** The log took nothing: what is due stays due. */
  #ringAgain(): void {
    const { clock, retryMs } = this.#options
    if (this.#isOver) return
    this.#alarm?.timer.cancel()
    const dueAt = clock.now() + retryMs
    this.#alarm = { dueAt, timer: clock.setTimer(dueAt, () => this.#ring()) }
  }
}

/** The bucket that an entry is for; undefined for one of the sessions. */
function bucketOf(entry: ShardEntry): { readonly app: string; readonly bucket: string } | undefined {
  switch (entry[0]) {
    case 'put':
    case 'tell':
    case 'item':
    case 'drop':
    case 'done':
    case 'operate':
    case 'advance':
      return { app: entry[2], bucket: entry[3] }
    case 'begin':
    case 'admitted':
    case 'replied':
    case 'ended':
    case 'cancel':
    case 'forget':
      return undefined
  }
}
