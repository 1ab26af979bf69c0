import { AckPolicy, DeliverPolicy, type Consumer, type ConsumerMessages } from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import type { JournalRecord } from '@stigmergy/core'
import type { Connection } from './connection.js'
import { copyOf } from './entries.js'

/** How much the servers send at a time; a client that is sent too much at once is cut off. */
const batchBytes = 2 ** 23

/** The servers forget a reader that asks for nothing for so long, in ms. */
const inactiveMs = 60_000

/** Records behind `after`, `limit` at most. */
export interface Passage {
  readonly subject: string
  readonly after: number
  readonly limit: number
}

/** Reads records of a stream, oldest first, a batch at a time. */
export async function readRecords(
  connection: Connection,
  stream: string,
  { subject, after, limit }: Passage,
): Promise<readonly JournalRecord[]> {
  const records: JournalRecord[] = []
  for (let isMore = limit > 0; isMore;) {
    const from = records.at(-1)?.seq ?? after
    const passage = { subject, after: from, limit: limit - records.length }
    const batch = await connection.call('read', () => readBatch(connection, stream, passage))
    for (const record of batch.records) records.push(record)
    isMore = batch.left > 0 && records.length < limit
  }
  return records
}

interface Batch {
  readonly records: readonly JournalRecord[]
  /** How many more there were. */
  readonly left: number
}

async function readBatch(
  connection: Connection,
  stream: string,
  { subject, after, limit }: Passage,
): Promise<Batch> {
  const info = await connection.manager.consumers.add(stream, {
    filter_subject: subject,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: after + 1,
    ack_policy: AckPolicy.None,
    inactive_threshold: nanos(inactiveMs),
    mem_storage: true,
    num_replicas: 1,
  })
  if (info.num_pending === 0) return { records: [], left: 0 }
  const consumer = connection.js.consumers.getConsumerFromInfo(info)
  try {
    return await take(await consumer.fetch({ max_bytes: batchBytes }), limit)
  } finally {
    forget(consumer)
  }
}

async function take(messages: ConsumerMessages, limit: number): Promise<Batch> {
  const records: JournalRecord[] = []
  let left = 1
  for await (const message of messages) {
    records.push({ seq: message.seq, record: copyOf(message.data) })
    left = message.info.pending
    if (left === 0 || records.length >= limit) break
  }
  return { records, left }
}

/** One that cannot be deleted now is forgotten by the servers later. */
function forget(consumer: Consumer): void {
  consumer.delete().catch(() => false)
}
