import type { Codec } from '../codec.js'
import type { ObjectStore, StoreHandle } from './store.js'
import type { Transport } from './transport.js'

/**
 * What the nodes, coordinators and clients of a cluster share: frames between any two of them, a register of small values that are
 * changed by compare-and-set, and a journal that outlives them all.
 */
export interface ClusterExchange {
  /** Such as `nats`. */
  readonly name: string
  /** Joins. Throws `STG_CLUSTER_UNAVAILABLE`, with what to do, when the cluster cannot be reached or does not let the caller in. */
  join(options: ClusterOptions): Promise<ClusterMember>
}

export interface ClusterOptions {
  /** Keeps clusters on the same servers apart: letters, digits, `-` and `_`, 1 to 64 of them. */
  readonly cluster: string
  /** Aborts the attempt. */
  readonly signal?: AbortSignal
}

/**
 * One connection to the cluster. Losing it for a while loses frames, which `onLost` tells, and no entry and no record. After `close`
 * every call is `STG_CLOSED`.
 */
export interface ClusterMember extends AsyncDisposable {
  readonly transport: Transport
  readonly register: Register
  readonly journal: Journal
  /** Resolves when what was sent has left; then everything is closed. */
  close(): Promise<void>
}

/** An entry of the register as it was at some moment. */
export interface RegisterEntry {
  readonly key: string
  readonly value: Uint8Array
  /** Grows with every change of the entry; never the same for two contents. */
  readonly revision: number
}

/** What a watcher is told: an entry as it is now, or that there is none any more. */
export type RegisterChange =
  RegisterEntry | { readonly key: string; readonly value: undefined; readonly revision: number }

/**
 * Small values under keys, the same for all members.
 *
 * 1. Keys are 1 to 8 parts joined by `.`, each of letters, digits, `-`, `_` and `=`, 512 characters in all; a value has up to 64 KiB.
 *    Other keys and larger values are a `TypeError`. Bytes are copied, in and out.
 * 2. `set` with `expected` changes the entry only if that is still its revision, 0 meaning that there is none; of several at once,
 *    one wins. It returns the new revision, or undefined when it changed nothing.
 * 3. After `set` has returned, `get` of any member returns this entry or a later one.
 * 4. A watcher is told each entry that there is, then `onCurrent` is called, then each change, in order per key; of changes in quick
 *    succession, and of those during a lost connection, at least the last.
 * 5. Calls reject with `STG_CLUSTER_UNAVAILABLE` when the servers do not answer in time: the change may have been made, or not.
 */
export interface Register {
  get(key: string): Promise<RegisterEntry | undefined>
  set(key: string, value: Uint8Array, expected?: number): Promise<number | undefined>
  /** Whether it was deleted: with `expected`, only if that is still its revision. */
  delete(key: string, expected?: number): Promise<boolean>
  /** Watches all keys that begin with these parts: `nodes` matches `nodes` and `nodes.a`, not `nodesmith`. */
  watch(prefix: string, watcher: RegisterWatcher): Promise<AsyncDisposable>
}

export interface RegisterWatcher {
  readonly onChange: (change: RegisterChange) => void
  /** Called once, when all that there was has been told. */
  readonly onCurrent?: () => void
}

/** A record of the journal. */
export interface JournalRecord {
  /** Its place in the whole journal: grows within a subject, with gaps. From 1. */
  readonly seq: number
  readonly record: Uint8Array
}

/**
 * Records under subjects, which survive the end of every member.
 *
 * 1. Subjects are as keys of the register, and so are ids; a record has up to `maxRecordBytes`.
 * 2. `append` returns when the record is stored for good. With `after` it is stored only if the last record of the subject has that
 *    `seq`, 0 for none: else it rejects with `STG_JOURNAL_CONFLICT` and stores nothing. So of two who believe to own a subject, one goes on.
 * 3. An append that rejects with `STG_CLUSTER_UNAVAILABLE` was stored or not; repeated with the same `id` within two minutes, it is stored once.
 * 4. `read` gives the records of a subject behind `after`, oldest first, `limit` at most; fewer only when there are no more.
 * 5. `trim` removes the records of a subject up to a `seq`, that one included. What was trimmed is not read any more; `last` still counts it.
 * 6. A journal that is full rejects with `STG_JOURNAL_FULL`; what is stored stays.
 */
export interface Journal {
  /** Bytes of a record. */
  readonly maxRecordBytes: number
  append(
    subject: string,
    record: Uint8Array,
    options?: { readonly after?: number; readonly id?: string },
  ): Promise<number>
  read(
    subject: string,
    options?: { readonly after?: number; readonly limit?: number },
  ): Promise<readonly JournalRecord[]>
  /** `seq` of the last record of a subject; 0 when there was none. */
  last(subject: string): Promise<number>
  trim(subject: string, upTo: number): Promise<void>
}

/** How values too large for a message travel between nodes. */
export interface ValueExchange {
  /** Such as `tcp`. */
  readonly name: string
  /** Opens a port, through which others fetch what is lent here. Throws `STG_CLUSTER_UNAVAILABLE` when it cannot listen. */
  open(options: ValuePortOptions): Promise<ValuePort>
}

export interface ValuePortOptions {
  /** Where lent values are read, and fetched ones are put. Open for longer than the port. */
  readonly store: ObjectStore
  /** Known to all nodes of the cluster and to nobody else: 32 bytes. */
  readonly secret: Uint8Array
  /** How values that are not binary become bytes, the same on all nodes. Default: CBOR. */
  readonly codec?: Codec
}

/**
 * A node's end of the exchange of values.
 *
 * 1. A ticket names a value that is lent here, to whoever has the secret. It is valid until `reclaim`, which the lender calls when the
 *    borrower has said that it is done; the value is held meanwhile. `lend` refuses with `STG_CODEC_UNSUPPORTED` what cannot travel.
 * 2. `fetch` brings the value into the store and returns a handle with one hold, waiting for room as a put does. Fetches of the same ticket
 *    at one time share one transfer. What arrives has the size and the digest that the lender has told, else it is fetched again, once.
 *    What a port has lent itself it holds once more, and nothing travels.
 * 3. A broken connection is taken up again where it broke. `fetch` rejects with `STG_OBJECT_LOST` when the lender has reclaimed the value,
 *    is gone, or cannot be reached in time. Bytes that nobody with the secret has made a ticket of are `STG_STORE_DESCRIPTOR`.
 * 4. One connection for each pair of nodes carries all values, in turns, with flow control: a slow reader slows its own values down.
 * 5. After `close`, which rejects what is being fetched and ends all holds, every call is `STG_CLOSED`.
 */
export interface ValuePort extends AsyncDisposable {
  /** Where it listens, as tickets tell. */
  readonly address: string
  lend(handle: StoreHandle): Uint8Array
  /** Without effect the second time. Tickets of other ports are `STG_STORE_DESCRIPTOR`. */
  reclaim(ticket: Uint8Array): void
  /** Rejects with the reason of `signal` when that aborts; a transfer that nobody waits for any more ends. */
  fetch(ticket: Uint8Array, signal?: AbortSignal): Promise<StoreHandle>
  /** Values lent and not reclaimed, and transfers under way in both directions. */
  readonly usage: { readonly lent: number; readonly sending: number; readonly receiving: number }
  close(): Promise<void>
}
