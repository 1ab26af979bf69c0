import Table from 'cli-table3'
import type { FiredWindow, Summary } from './stream.js'

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const time = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' })

/** What is said of a window when it fires. */
export function lineOf({ start, views, isCut, latencyMs }: FiredWindow): string {
  const counted = `${number.format(sumOf(views)).padStart(9)} views of ${views.size} campaigns`
  return `${time.format(start)} ${counted}, ${isCut ? 'cut short by the end of the stream' : `fired ${latencyMs} ms after its end`}`
}

/** The campaigns of which not as many views were counted as there were. */
export function miscounted({ windows, expected }: Summary): readonly string[] {
  const counted = totalOf(windows)
  return [...new Set([...counted.keys(), ...expected.keys()])].filter(
    (campaign) => counted.get(campaign) !== expected.get(campaign),
  )
}

/** What is said in the end. */
export function reportOf(summary: Summary): string {
  const { sent, sendingMs, windows, expected, runtime } = summary
  const wrong = miscounted(summary)
  return [
    '',
    campaignTable(totalOf(windows)),
    '',
    `${number.format(sent)} events at ${number.format((sent * 1_000) / sendingMs)} a second, ${number.format(sumOf(expected))} of them views`,
    `${number.format(runtime.objects.put)} objects, ${number.format(runtime.firings)} firings`,
    latencyLine(windows),
    wrong.length === 0
      ? `The views of all ${expected.size} campaigns are those that the generator made.`
      : `Miscounted: ${wrong.join(', ')}`,
  ].join('\n')
}

const mostCampaigns = 5

function campaignTable(total: ReadonlyMap<string, number>): string {
  const table = new Table({
    head: ['campaign', 'views'],
    colAligns: ['left', 'right'],
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  })
  const ranked = [...total].sort(([, a], [, b]) => b - a).slice(0, mostCampaigns)
  table.push(...ranked.map(([campaign, views]) => [campaign, number.format(views)]))
  return table.toString()
}

function latencyLine(windows: readonly FiredWindow[]): string {
  const latencies = windows.filter(({ isCut }) => !isCut).map(({ latencyMs }) => latencyMs)
  latencies.sort((a, b) => a - b)
  const [median = NaN, worst = NaN] = [latencies[latencies.length >> 1], latencies.at(-1)]
  return latencies.length === 0
    ? 'No window was complete'
    : `${latencies.length} complete windows fired ${median} ms (median) to ${worst} ms (latest) after their end`
}

function totalOf(windows: readonly FiredWindow[]): ReadonlyMap<string, number> {
  const total = new Map<string, number>()
  for (const { views } of windows)
    for (const [campaign, count] of views) total.set(campaign, (total.get(campaign) ?? 0) + count)
  return total
}

function sumOf(views: ReadonlyMap<string, number>): number {
  return [...views.values()].reduce((sum, count) => sum + count, 0)
}
