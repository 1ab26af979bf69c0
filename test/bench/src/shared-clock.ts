/**
 * The time in µs by a clock that all threads and processes of the machine share: `hrtime` is CLOCK_MONOTONIC. A difference of
 * two such times, taken in different workers, is right to a fraction of a microsecond.
 */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1_000
}
