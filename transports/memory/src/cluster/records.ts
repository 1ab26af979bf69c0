import { StigmergyError, type Clock, type JournalRecord } from '@stigmergy/core'
import { checkKey, checkSize } from './keys.js'

/** For so long the ids of records are known, in ms. */
const idMs = 120_000

export interface RecordLimits {
  readonly maxRecordBytes: number
  /** What all records may take, in bytes. */
  readonly maxJournalBytes: number
}

/** What the journal of a cluster holds. */
export class MemoryRecords {
  readonly limits: RecordLimits
  readonly #clock: Clock
  readonly #subjects = new Map<string, JournalRecord[]>()
  readonly #lasts = new Map<string, number>()
  /** Oldest first. */
  readonly #ids = new Map<string, { readonly seq: number; readonly at: number }>()
  #seq = 0
  #bytes = 0

  constructor(limits: RecordLimits, clock: Clock) {
    this.limits = limits
    this.#clock = clock
  }

  append(
    subject: string,
    record: Uint8Array,
    { after, id }: { readonly after?: number; readonly id?: string } = {},
  ): number {
    checkKey(subject)
    if (id !== undefined) checkKey(id)
    checkSize('A record', record, this.limits.maxRecordBytes)
    this.#forgetIds()
    const known = id === undefined ? undefined : this.#ids.get(`${subject}/${id}`)
    if (known !== undefined) return known.seq
    this.#checkAfter(subject, after)
    this.#checkRoom(subject, record.length)
    const seq = this.#store(subject, record)
    if (id !== undefined) this.#ids.set(`${subject}/${id}`, { seq, at: this.#clock.now() })
    return seq
  }

  read(
    subject: string,
    { after = 0, limit = Infinity }: { readonly after?: number; readonly limit?: number } = {},
  ): readonly JournalRecord[] {
    checkKey(subject)
    return (this.#subjects.get(subject) ?? []).filter(({ seq }) => seq > after).slice(0, limit)
  }

  last(subject: string): number {
    checkKey(subject)
    return this.#lasts.get(subject) ?? 0
  }

  trim(subject: string, upTo: number): void {
    checkKey(subject)
    const records = this.#subjects.get(subject) ?? []
    const kept = records.filter(({ seq }) => seq > upTo)
    this.#bytes -= bytesOf(records) - bytesOf(kept)
    this.#subjects.set(subject, kept)
  }

  #store(subject: string, record: Uint8Array): number {
    const seq = (this.#seq += 1)
    const stored = { seq, record: new Uint8Array(record) }
    const records = this.#subjects.get(subject)
    if (records === undefined) this.#subjects.set(subject, [stored])
    else records.push(stored)
    this.#lasts.set(subject, seq)
    this.#bytes += record.length
    return seq
  }

  #checkAfter(subject: string, after: number | undefined): void {
    const last = this.#lasts.get(subject) ?? 0
    if (after !== undefined && after !== last)
      throw new StigmergyError('STG_JOURNAL_CONFLICT', `${subject} is at ${last} and not at ${after}.`, {
        details: { subject },
      })
  }

  #checkRoom(subject: string, bytes: number): void {
    if (this.#bytes + bytes > this.limits.maxJournalBytes)
      throw new StigmergyError(
        'STG_JOURNAL_FULL',
        `The journal has no room for ${bytes} bytes: trim it, or raise maxJournalBytes.`,
        { retryable: true, details: { subject } },
      )
  }

  #forgetIds(): void {
    const since = this.#clock.now() - idMs
    for (const [id, { at }] of this.#ids) {
      if (at >= since) return
      this.#ids.delete(id)
    }
  }
}

function bytesOf(records: readonly JournalRecord[]): number {
  return records.reduce((bytes, { record }) => bytes + record.length, 0)
}
