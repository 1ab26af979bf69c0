import type { Reply } from './app.js'
import type { Account } from './job.js'

/** What a run came to. */
export interface JobReport extends Account {
  /** What map, or `combine`, has given to each partition. */
  readonly partitions: readonly { readonly pairs: number; readonly bytes: number }[]
  /** The bytes of the largest partition over those of the mean one; 1 if all are equal. */
  readonly skew: number
}

export function reportOf({ accounts, partitions }: Reply): JobReport {
  const shares = partitions.map(({ pairs, bytes }) => ({ pairs, bytes }))
  const mean = total(shares.map(({ bytes }) => bytes)) / shares.length
  return {
    records: total(accounts.map(({ records }) => records)),
    bytes: total(accounts.map(({ bytes }) => bytes)),
    skipped: accounts.flatMap(({ skipped }) => skipped),
    partitions: shares,
    skew: mean > 0 ? shares.reduce((most, { bytes }) => Math.max(most, bytes), 0) / mean : 1,
  }
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}
