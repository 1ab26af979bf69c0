import type { Dealt, FileRange, Piece } from '@stigmergy/records'

/** Where results go: a file for each partition; one file, in which their places are known before they are reduced; or the caller. */
export type Target = { readonly folder: string } | { readonly file: string } | 'caller'

/** One run of a job. */
export interface Job {
  /** Where tasks leave what does not fit into memory. */
  readonly folder: string
  readonly target: Target
  readonly partitions: number
  /** What a task may hold. */
  readonly taskBytes: number
  /** What a map task, and what a reduce task, may hand on in memory. */
  readonly mapBytes: number
  readonly reduceBytes: number
  readonly skipsUnreadable: boolean
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

/** The metadata of what tells how far a run is: bytes of input, or partitions. */
export type Step = { readonly phase: 'map' | 'reduce'; readonly by: number }
