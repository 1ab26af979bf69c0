import { summarise } from './statistics.js'

/** Empty laps from which the cost of the clock is taken. */
const emptyLaps = 1_000

/**
 * Takes times of less than a microsecond. Reading the clock costs 20 to 50 ns, as much as the fastest peer needs, and less the
 * better it is compiled; so that cost is measured with each batch of laps and taken off each of them.
 */
export class Stopwatch {
  #begun = 0
  #laps: number[] = []

  start(): void {
    this.#begun = performance.now()
  }

  stop(): void {
    this.#laps.push(performance.now() - this.#begun)
  }

  /** The laps since the last call, in µs. */
  take(): readonly number[] {
    const laps = this.#drain()
    for (let lap = 0; lap < emptyLaps; lap += 1) {
      this.start()
      this.stop()
    }
    const cost = summarise(this.#drain()).median
    return laps.map((ns) => Math.max(0, ns - cost) / 1_000)
  }

  /** The laps in whole ns: more digits would be those of the time since the process began. */
  #drain(): readonly number[] {
    const laps = this.#laps.map((ms) => Math.round(ms * 1e6))
    this.#laps = []
    return laps
  }
}

/** Times each of `count` operations, one after the other, in µs. */
export async function timeEach(
  watch: Stopwatch,
  count: number,
  operation: () => Promise<unknown>,
): Promise<readonly number[]> {
  for (let done = 0; done < count; done += 1) {
    watch.start()
    await operation()
    watch.stop()
  }
  return watch.take()
}

/** Times `count` operations together; the one figure is µs per operation. */
export async function timePer(count: number, operations: () => Promise<unknown>): Promise<readonly number[]> {
  const begun = performance.now()
  await operations()
  return [((performance.now() - begun) * 1_000) / count]
}
