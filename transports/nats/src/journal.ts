import { PubHeaders, type PubAck } from '@nats-io/jetstream'
import { headers, type MsgHdrs } from '@nats-io/transport-node'
import { StigmergyError, type Journal, type JournalRecord } from '@stigmergy/core'
import { apiCodeOf, type Connection } from './connection.js'
import type { Entries } from './entries.js'
import { readRecords } from './journal-reader.js'
import { checkKey, type Names } from './names.js'

/** Numbers of errors of JetStream. */
const wrongLastRecord = 10_071
const outOfRoom: ReadonlySet<number | undefined> = new Set([10_023, 10_028, 10_047, 10_077])

/** Headers travel with a record, and a message is bounded as a whole. */
const headerBytes = 1_024

/** The journal of a cluster: a stream, with a subject for each subject. How far one is trimmed stands beside the register. */
export class NatsJournal implements Journal {
  readonly maxRecordBytes: number
  readonly #connection: Connection
  readonly #entries: Entries
  readonly #names: Names

  constructor(connection: Connection, entries: Entries, names: Names) {
    this.maxRecordBytes = connection.maxPayloadBytes - headerBytes
    this.#connection = connection
    this.#entries = entries
    this.#names = names
  }

  async append(
    subject: string,
    record: Uint8Array,
    { after, id }: { readonly after?: number; readonly id?: string } = {},
  ): Promise<number> {
    checkKey(subject)
    if (id !== undefined) checkKey(id)
    this.#checkSize(record)
    const options = { headers: headersOf(subject, after, id) }
    const publish = (): Promise<PubAck> =>
      this.#connection.js.publish(this.#names.records(subject), record, options)
    try {
      return (await this.#connection.call('write', publish)).seq
    } catch (error) {
      throw this.#refusal(error, subject)
    }
  }

  async read(
    subject: string,
    { after = 0, limit = Infinity }: { readonly after?: number; readonly limit?: number } = {},
  ): Promise<readonly JournalRecord[]> {
    checkKey(subject)
    const trimmed = await this.#trimmed(subject)
    const passage = { subject: this.#names.records(subject), after: Math.max(after, trimmed.upTo), limit }
    return readRecords(this.#connection, this.#names.journalStream, passage)
  }

  async last(subject: string): Promise<number> {
    checkKey(subject)
    const { manager } = this.#connection
    const query = { last_by_subj: this.#names.records(subject) }
    const stream = this.#names.journalStream
    return (await this.#connection.call('read', () => manager.streams.getMessage(stream, query)))?.seq ?? 0
  }

  /** The last record of a subject stays in the stream, for `last` and `after`; that it is not read any more is noted first. */
  async trim(subject: string, upTo: number): Promise<void> {
    const last = await this.last(subject)
    if (last === 0) return
    if (upTo >= last) await this.#note(subject, last)
    const { manager } = this.#connection
    const purge = { filter: this.#names.records(subject), seq: Math.min(upTo + 1, last) }
    // There is nothing before the first record, and some servers take its number for none, and purge all.
    if (purge.seq <= 1) return
    await this.#connection.call('write', () => manager.streams.purge(this.#names.journalStream, purge))
  }

  async #trimmed(subject: string): Promise<{ readonly upTo: number; readonly revision: number }> {
    const note = await this.#entries.get(this.#names.entry('trim', subject))
    const upTo = note?.value === undefined ? 0 : Number(Buffer.from(note.value).toString())
    return { upTo, revision: note?.revision ?? 0 }
  }

  async #note(subject: string, upTo: number): Promise<void> {
    for (let isNoted = false; !isNoted;) {
      const before = await this.#trimmed(subject)
      if (before.upTo >= upTo) return
      const note = Buffer.from(String(upTo))
      const revision = await this.#entries.put(this.#names.entry('trim', subject), note, before.revision)
      isNoted = revision !== undefined
    }
  }

  #checkSize(record: Uint8Array): void {
    if (record.length > this.maxRecordBytes)
      throw new TypeError(
        `A record of ${record.length} bytes is over the ${this.maxRecordBytes} of the journal.`,
      )
  }

  #refusal(error: unknown, subject: string): unknown {
    const code = apiCodeOf(error)
    if (code === wrongLastRecord)
      return new StigmergyError(
        'STG_JOURNAL_CONFLICT',
        `Somebody else has appended to ${subject} in between.`,
        {
          cause: error,
          details: { subject },
        },
      )
    if (outOfRoom.has(code))
      return new StigmergyError(
        'STG_JOURNAL_FULL',
        'The journal has no room: trim it, raise maxJournalBytes, or give the servers more space for JetStream.',
        { cause: error, retryable: true, details: { subject } },
      )
    return error
  }
}

/** Ids are known for the whole stream, so the subject is a part of them. */
function headersOf(subject: string, after: number | undefined, id: string | undefined): MsgHdrs {
  const all = headers()
  if (after !== undefined) all.set(PubHeaders.ExpectedLastSubjectSequenceHdr, String(after))
  if (id !== undefined) all.set(PubHeaders.MsgIdHdr, `${subject}/${id}`)
  return all
}
