import { burn } from '../burn.js'
import { sharedNow } from '../../shared-clock.js'

/** What the workers of every peer can do, with a number as argument and result. */
export const tasks = {
  /** How long the call took to get here, in µs, given when it was made. */
  arrive: (sent: number): number => sharedNow() - sent,
  increment: (value: number): number => value + 1,
  double: (value: number): number => 2 * value,
  nothing: (value: number): number => value,
  burn,
}

export type TaskName = keyof typeof tasks

/** The tasks in order, for peers whose messages have no room for names. */
export const taskNames = Object.keys(tasks) as readonly TaskName[]
