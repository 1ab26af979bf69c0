import type { ObjectStore } from './store.js'
import type { Transport } from './transport.js'

/**
 * What the workers of one machine share: a window each on one object store, frames between any two of them, and a table of words
 * that each can read without asking.
 */
export interface NodeExchange {
  /** Such as `mmap`. */
  readonly name: string
  /** Founds a node, in the thread that is going to start its workers. Throws `STG_NODE_UNAVAILABLE` where the machine cannot. */
  found(options: NodeOptions): Promise<FoundedNode>
}

export interface NodeOptions {
  /** What the members are; with `process` they may also be threads. */
  readonly workers: 'thread' | 'process'
  /** Members at one time, the founder included. */
  readonly members: number
}

/** A node as its founder sees it. Closing it ends all memberships and removes what the node kept on the machine. */
export interface FoundedNode extends AsyncDisposable {
  /** The founder's own membership, number 0. */
  readonly member: NodeMember
  /** Makes a place for one more member. Throws `STG_NODE_FULL` while all are taken. */
  admit(): NodeTicket
  /**
   * Ends the membership of one that is gone or was never taken up. What it held is released, what others hold of its values stays
   * readable, whole frames that it had sent still arrive, and then its peers' `onLost` is called. Its place can be taken again.
   */
  bury(member: number): void
  close(): Promise<void>
}

/** A place in a node, for one thread or process of the same user on the same machine. */
export interface NodeTicket {
  readonly member: number
  /** URL of a module that exports `joinNode: JoinNode`. */
  readonly module: string
  /** Plain data, as JSON can carry it. */
  readonly data: unknown
}

/** Takes up the membership that a ticket is for, once. */
export type JoinNode = (data: unknown) => Promise<NodeMember>

/** One worker's part of a node. */
export interface NodeMember extends AsyncDisposable {
  /** From 0, the founder. A number may be given again after `bury`. */
  readonly number: number
  readonly store: ObjectStore
  readonly transport: Transport
  readonly load: LoadTable
  /** Set when no member can open what another describes: then values of any size travel in frames. */
  readonly copiesValues?: true
  close(): Promise<void>
}

/** Words that one member writes and all read, without a message: also while the writer is busy or stuck. */
export interface LoadTable {
  /** Sets a word of this member: an unsigned 32-bit number. */
  set(word: LoadWord, value: number): void
  /** A word of any member; 0 when it was never set. */
  get(member: number, word: LoadWord): number
}

/** `0` to `15`; what each means is up to those who use the table. */
export type LoadWord = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15
