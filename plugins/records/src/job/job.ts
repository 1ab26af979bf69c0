import type { Dealt } from '../dealing.js'
import type { Desk } from '../desk.js'
import type { Piece } from '../pieces.js'
import type { FileRange } from '../records.js'
import type { Definition } from './definition.js'
import type { Sizes } from './plan.js'

/** Where results go: a file for each partition; one file, in which their places are known before they are reduced; or the caller. */
export type Target = { readonly folder: string } | { readonly file: string } | 'caller'

/** One run of a definition. */
export interface Job extends Sizes {
  /** Where tasks leave what does not fit into memory. */
  readonly folder: string
  readonly target: Target
  /** Files that cannot be read are left out. */
  readonly skipsUnreadable: boolean
}

/** What a task is done with. */
export interface Means<Record, K, V, R> {
  readonly definition: Definition<Record, K, V, R>
  readonly desk: Desk
  readonly signal: AbortSignal
}

/** The work of a map task. */
export interface Task {
  readonly job: Job
  /** Its place in the order of the input. */
  readonly number: number
  readonly ranges: readonly FileRange[]
  /** Of the ranges of keys, for `partition: 'range'`. */
  readonly borders: readonly Uint8Array[]
}

/** What map tasks have read, and which files could not be read. */
export interface Account {
  readonly records: number
  readonly bytes: number
  readonly skipped: readonly { readonly file: string; readonly problem: string }[]
}

/** What a map task hands on to some partitions. */
export interface Deal extends Dealt {
  readonly job: Job
  readonly task: number
}

/** What a reduce task has done: what it was given, and results for the caller. */
export interface Reduced {
  readonly partition: number
  readonly pairs: number
  readonly bytes: number
  readonly results: readonly Piece[]
}
