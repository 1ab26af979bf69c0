import type { Plan } from './plan.js'

/** What to sort, and how. */
export interface Job {
  readonly input: string
  /** Must exist. */
  readonly output: string
  /** Must exist. For the records between map and reduce; more files stand next to it while a range is too large. */
  readonly spill: string
  readonly records: number
  readonly plan: Plan
}

/** What a map task has left in the spill file for some ranges that follow one another. */
export interface Deal {
  readonly job: Job
  /** Where its chunk begins, in records. */
  readonly from: number
  readonly firstRange: number
  /** Where each of the ranges begins in the chunk, in records; one more says where the last one ends. */
  readonly starts: readonly number[]
}
