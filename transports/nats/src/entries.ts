import { PubHeaders } from '@nats-io/jetstream'
import { headers, type MsgHdrs } from '@nats-io/transport-node'
import { apiCodeOf, type Connection } from './connection.js'

/** What is stored under a subject: a value, or the mark that there is none any more. */
export interface Stored {
  readonly value: Uint8Array | undefined
  readonly revision: number
}

/** Key-value buckets mark deleted entries with this header. */
const operation = 'KV-Operation'
const wrongRevision = 10_071
const nothing = new Uint8Array()

/** The last message of each subject of a stream, which is what a key-value bucket is. Always asks the leader, never a copy that may be old. */
export class Entries {
  readonly connection: Connection
  readonly stream: string

  constructor(connection: Connection, stream: string) {
    this.connection = connection
    this.stream = stream
  }

  async get(subject: string): Promise<Stored | undefined> {
    const { manager } = this.connection
    const query = { last_by_subj: subject }
    const message = await this.connection.call('read', () => manager.streams.getMessage(this.stream, query))
    if (message === null) return undefined
    return { value: isDeletion(message.header) ? undefined : copyOf(message.data), revision: message.seq }
  }

  /** Stores a value, or without one the mark of a deletion. Returns the revision; undefined when `expected` is not the one before. */
  async put(subject: string, value: Uint8Array | undefined, expected?: number): Promise<number | undefined> {
    const options = { headers: headersOf(value, expected) }
    try {
      const publish = () => this.connection.js.publish(subject, value ?? nothing, options)
      return (await this.connection.call('write', publish)).seq
    } catch (error) {
      if (apiCodeOf(error) === wrongRevision) return undefined
      throw error
    }
  }
}

export function isDeletion(header: MsgHdrs | undefined): boolean {
  return header?.has(operation) === true
}

/** Messages are parts of what the socket has brought, which would be kept as a whole. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}

function headersOf(value: Uint8Array | undefined, expected: number | undefined): MsgHdrs {
  const all = headers()
  if (value === undefined) all.set(operation, 'DEL')
  if (expected !== undefined) all.set(PubHeaders.ExpectedLastSubjectSequenceHdr, String(expected))
  return all
}
