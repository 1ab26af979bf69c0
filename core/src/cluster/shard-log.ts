import type { Clock } from '../clock.js'
import type { Journal } from '../contract/index.js'
import { asError } from '../error-info.js'
import { StigmergyError } from '../errors.js'
import { FifoQueue } from '../worker/run-queue.js'

/** An entry on its way into the log. */
interface Pending {
  readonly bytes: Uint8Array
  readonly written: () => void
  readonly failed: (error: Error) => void
}

export interface ShardLogOptions {
  readonly journal: Journal
  readonly clock: Clock
  readonly subject: string
  /** Makes the ids of this holder's records its own. */
  readonly epoch: number
  /** Entries that may wait to be written. */
  readonly maxWaiting: number
  /** ms after which a write that failed is tried again. */
  readonly retryMs: number
  /** Somebody else writes this log: nothing here has an effect any more. */
  readonly onFenced: () => void
}

/** Records begin with one of these. */
const kinds = { entries: 1, snapshot: 2 } as const
/** Bytes of a record that are not an entry's own. */
const overhead = 64

/**
 * The log of one shard as its holder writes it. Entries that come while a write is under way are the next record (group commit), so
 * that the number of writes does not grow with that of entries. Every write names the record that it follows: of two who believe
 * to hold the shard, one is refused.
 */
export class ShardLog {
  readonly #options: ShardLogOptions
  readonly #waiting = new FifoQueue<Pending>()
  #last: number
  #records = 0
  #writing: Promise<void> | undefined
  #snapshot: (() => Uint8Array) | undefined
  #isFenced = false
  #isClosed = false

  /** `last` is the `seq` of the record that the first write follows. */
  constructor(options: ShardLogOptions, last: number) {
    this.#options = options
    this.#last = last
  }

  /** `seq` of the last record written. */
  get last(): number {
    return this.#last
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Writes a first record, so that whoever wrote before can write no more. False when he has done so since the log was read. */
  async begin(): Promise<boolean> {
    const { journal, subject, epoch, clock, retryMs } = this.#options
    for (;;) {
      if (this.#isFenced) return false
      try {
        const options = { after: this.#last, id: `${subject}.${epoch}` }
        this.#last = await journal.append(subject, entriesRecord([]), options)
        return true
      } catch (error) {
        if (StigmergyError.is(error, 'STG_JOURNAL_CONFLICT')) return false
        if (!StigmergyError.is(error) || !error.retryable) throw error
        await new Promise<void>((resolve) => clock.setTimer(clock.now() + retryMs, resolve))
      }
    }
  }

  /** Calls `written` when the entry is in the log for good, in the order of the calls. Throws `STG_WORKER_BUSY` at the limit. */
  append(bytes: Uint8Array, written: () => void, failed: (error: Error) => void): void {
    const { maxWaiting, subject, journal } = this.#options
    if (this.#isFenced || this.#isClosed) return failed(moved(subject))
    if (bytes.length + overhead > journal.maxRecordBytes) return failed(tooLarge(bytes, journal))
    if (this.#waiting.size >= maxWaiting) return failed(busy(subject, maxWaiting))
    this.#waiting.push({ bytes, written, failed })
    this.#writing ??= this.#writeAll()
  }

  /** Puts a snapshot in place of all that is written, at the next moment when nothing is under way. */
  compact(snapshot: () => Uint8Array): void {
    if (this.#isFenced || this.#isClosed) return
    this.#snapshot = snapshot
    this.#writing ??= this.#writeAll()
  }

  /** Resolves when what was appended is written, or was refused; nothing is taken any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#writing
  }

  /** Writes no more, whatever waits. */
  fence(): void {
    if (this.#isFenced) return
    this.#isFenced = true
    this.#options.onFenced()
  }

  async #writeAll(): Promise<void> {
    await Promise.resolve() // what is appended in this turn goes together
    while (this.#waiting.size > 0 || this.#snapshot !== undefined) {
      const batch = this.#nextBatch()
      try {
        if (batch.length > 0) await this.#write(entriesRecord(batch.map(({ bytes }) => bytes)))
        for (const { written } of batch) written()
        if (this.#snapshot !== undefined) await this.#replace(this.#snapshot())
      } catch (error) {
        this.#refuse(batch, asError(error))
      }
    }
    this.#writing = undefined
  }

  /** In as many records as it needs; what came before is forgotten when the last of them is written. */
  async #replace(snapshot: Uint8Array): Promise<void> {
    this.#snapshot = undefined
    const { journal } = this.#options
    const size = journal.maxRecordBytes - overhead
    const parts = Math.max(1, Math.ceil(snapshot.length / size))
    let first = 0
    for (let part = 0; part < parts; part += 1) {
      const record = snapshotRecord(part, parts, snapshot.subarray(part * size, (part + 1) * size))
      const seq = await this.#write(record)
      if (part === 0) first = seq
    }
    await this.#trim(first - 1)
  }

  /** What is left of an older snapshot does no harm: the next one takes it away. */
  async #trim(upTo: number): Promise<void> {
    const { journal, subject } = this.#options
    try {
      await journal.trim(subject, upTo)
    } catch (error) {
      if (!StigmergyError.is(error, 'STG_CLUSTER_UNAVAILABLE')) throw error
    }
  }

  #nextBatch(): Pending[] {
    const room = this.#options.journal.maxRecordBytes - overhead
    const batch: Pending[] = []
    let size = 0
    while (this.#waiting.size > 0) {
      const { bytes } = this.#waiting.peek()!
      size += 5 + bytes.length
      if (batch.length > 0 && size > room) break
      batch.push(this.#waiting.shift()!)
    }
    return batch
  }

  #refuse(batch: readonly Pending[], error: Error): void {
    this.#snapshot = undefined
    for (const { failed } of batch) failed(error)
    while (this.#waiting.size > 0) this.#waiting.shift()!.failed(error)
  }

  /** Tries until the journal has answered: whether a write that failed was made is known by its id. */
  async #write(record: Uint8Array): Promise<number> {
    const { journal, subject, epoch, clock, retryMs } = this.#options
    this.#records += 1
    const id = `${subject}.${epoch}.${this.#records}`
    for (;;) {
      if (this.#isFenced) throw moved(subject)
      try {
        this.#last = await journal.append(subject, record, { after: this.#last, id })
        return this.#last
      } catch (error) {
        if (StigmergyError.is(error, 'STG_JOURNAL_CONFLICT')) this.fence()
        else if (!StigmergyError.is(error) || !error.retryable) throw error
        else await new Promise<void>((resolve) => clock.setTimer(clock.now() + retryMs, resolve))
      }
    }
  }
}

/** What a log holds: the last complete snapshot, and the entries behind it. */
export interface LogContent {
  readonly snapshot: Uint8Array | undefined
  readonly entries: readonly Uint8Array[]
  /** `seq` of the last record. */
  readonly last: number
}

const pageSize = 256

/** Reads a log from its beginning. */
export async function readLog(journal: Journal, subject: string): Promise<LogContent> {
  let snapshot: Uint8Array | undefined
  let entries: Uint8Array[] = []
  let parts: Uint8Array[] = []
  // Asked first: a record that comes while this reads is read, or else whoever begins to write behind this one is refused.
  const last = await journal.last(subject)
  let read = 0
  for (;;) {
    const page = await journal.read(subject, { after: read, limit: pageSize })
    for (const { seq, record } of page) {
      read = seq
      const content = readRecord(record)
      if ('entries' in content) {
        entries.push(...content.entries)
        continue
      }
      parts = content.part === 0 ? [content.bytes] : [...parts, content.bytes]
      if (parts.length < content.parts) continue
      snapshot = Buffer.concat(parts)
      entries = []
    }
    if (page.length < pageSize) break
  }
  return { snapshot, entries, last: Math.max(last, read) }
}

/** Kind, then each entry behind its length. */
function entriesRecord(entries: readonly Uint8Array[]): Uint8Array {
  const record = Buffer.alloc(1 + entries.reduce((sum, { length }) => sum + 4 + length, 0))
  record[0] = kinds.entries
  let at = 1
  for (const entry of entries) {
    record.writeUInt32LE(entry.length, at)
    record.set(entry, at + 4)
    at += 4 + entry.length
  }
  return record
}

/** Kind, number of the part, number of parts, and the part. */
function snapshotRecord(part: number, parts: number, bytes: Uint8Array): Uint8Array {
  const record = Buffer.alloc(9 + bytes.length)
  record[0] = kinds.snapshot
  record.writeUInt32LE(part, 1)
  record.writeUInt32LE(parts, 5)
  record.set(bytes, 9)
  return record
}

type ReadRecord =
  | { readonly entries: readonly Uint8Array[] }
  | { readonly part: number; readonly parts: number; readonly bytes: Uint8Array }

function readRecord(bytes: Uint8Array): ReadRecord {
  const record = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (record[0] === kinds.snapshot)
    return { part: record.readUInt32LE(1), parts: record.readUInt32LE(5), bytes: record.subarray(9) }
  const entries: Uint8Array[] = []
  for (let at = 1; at < record.length;) {
    const length = record.readUInt32LE(at)
    entries.push(record.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return { entries }
}

/** The error for what comes to a coordinator that does not hold the shard any more: whoever asked asks the next holder. */
export function moved(subject: string): StigmergyError {
  return new StigmergyError('STG_SHARD_MOVED', `${subject} is held by another coordinator now.`, {
    retryable: true,
    details: { subject },
  })
}

function busy(subject: string, maxWaiting: number): StigmergyError {
  return new StigmergyError(
    'STG_WORKER_BUSY',
    `${maxWaiting} entries wait to be written to the journal of ${subject}, its limit; try again later.`,
    { retryable: true, details: { subject, maxWaiting } },
  )
}

function tooLarge(bytes: Uint8Array, { maxRecordBytes }: Journal): StigmergyError {
  return new StigmergyError(
    'STG_TRANSPORT_FRAME_TOO_LARGE',
    `An entry of ${bytes.length} bytes does not fit into a record of the journal, which has ${maxRecordBytes}; lower inlineBytes, or raise max_payload of the servers.`,
    { details: { bytes: bytes.length, maxRecordBytes } },
  )
}
