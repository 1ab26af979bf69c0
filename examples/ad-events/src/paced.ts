import { setInterval } from 'node:timers/promises'

const tickMs = 10

/**
 * Yields how many of `rate` events a second are due now, until `total` have been or `signal` aborts. Never runs ahead, and
 * catches up with twice the rate at most, so that the receiver gets its turns.
 */
export async function* paced(
  rate: number,
  total: number,
  signal: AbortSignal,
): AsyncGenerator<number, void, undefined> {
  const begun = performance.now()
  const most = Math.ceil((2 * rate * tickMs) / 1_000)
  let done = 0
  for await (const _tick of setInterval(tickMs)) {
    if (signal.aborted || done === total) return
    const due = Math.floor(((performance.now() - begun) / 1_000) * rate)
    const now = Math.min(due - done, total - done, most)
    done += now
    yield now
  }
}
