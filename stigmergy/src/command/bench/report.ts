import type { Measured } from './load.js'

/** What was measured, for programs. Rates are per second, times in ms. */
export function benchData({ requests, failures, ms, firings, runs, deadLetters, latency }: Measured) {
  const perSecond = (count: number): number => (count / ms) * 1_000
  return {
    requests,
    failed: failed({ failures }),
    errors: Object.fromEntries([...failures].map(([reason, { count }]) => [reason, count])),
    ms,
    requestsPerSecond: perSecond(requests),
    firings,
    firingsPerSecond: perSecond(firings),
    functionRuns: runs,
    deadLetters,
    latencyMs: latency ?? null,
  }
}

/** What was measured, for people. */
export function benchLines(measured: Measured): readonly string[] {
  const { requests, failed, errors, ms, latencyMs, deadLetters, ...rest } = benchData(measured)
  const share = (count: number): string => (requests === 0 ? '' : `, ${figure(count / requests)} a request`)
  const lines = {
    requests: `${figure(requests)} in ${figure(ms / 1_000)} s, ${figure(failed)} failed`,
    throughput: `${figure(rest.requestsPerSecond)} requests a second`,
    latency:
      latencyMs === null
        ? 'none: no request has succeeded'
        : `${figure(latencyMs.median)} ms median, ${figure(latencyMs.p99)} ms p99, ${figure(latencyMs.max)} ms at most`,
    firings: `${figure(rest.firingsPerSecond)} a second${share(rest.firings)}`,
    'function runs': `${figure(rest.functionRuns)}${share(rest.functionRuns)}`,
    ...(deadLetters > 0 ? { 'dead letters': figure(deadLetters) } : {}),
    ...Object.fromEntries(Object.entries(errors).map(([reason, count]) => [reason, figure(count)])),
  }
  const width = Math.max(...Object.keys(lines).map(({ length }) => length))
  return Object.entries(lines).map(([label, text]) => `${label.padEnd(width)}  ${text}`)
}

export function failed({ failures }: Pick<Measured, 'failures'>): number {
  return [...failures.values()].reduce((sum, { count }) => sum + count, 0)
}

/** Whole numbers as they are, others to three figures. */
function figure(number: number): string {
  const isExact = Number.isInteger(number) || number >= 1_000
  return number.toLocaleString(
    'en-US',
    isExact ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 },
  )
}
