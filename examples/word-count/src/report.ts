import Table from 'cli-table3'
import type { Count } from './count.js'
import { amount, number, seconds, share, size } from './format.js'
import type { Ranking } from './ranking.js'

/** The count as one JSON object. */
export function asJson({ ranking, texts, unreadable, runtime, ms, peakMemoryBytes }: Count): string {
  const stats = {
    files: texts.files.length,
    bytes: texts.bytes,
    unreadable: unreadable.length,
    objects: runtime.objects.put,
    objectBytes: runtime.objects.bytes,
    firings: runtime.firings,
    invocations: runtime.invocations.started,
    ms: Math.round(ms),
    peakMemoryBytes,
  }
  return JSON.stringify({ ...ranking, stats })
}

/** The count for people. */
export function asText({ ranking, texts, runtime, ms, peakMemoryBytes }: Count): string {
  const { objects, firings, invocations } = runtime
  return [
    ...(ranking.top.length > 0 ? [tableOf(ranking), ''] : []),
    `${amount(ranking.total, 'word')}, ${number(ranking.distinct)} of them distinct, in ${amount(texts.files.length, 'file')} of ${size(texts.bytes)}`,
    `${amount(objects.put, 'object')} of ${size(objects.bytes)}, ${amount(firings, 'firing')}, ${amount(invocations.started, 'function run')}`,
    `${seconds(ms)}, ${size((texts.bytes * 1000) / ms)} a second, ${size(peakMemoryBytes)} memory at most`,
  ].join('\n')
}

function tableOf({ total, top }: Ranking): string {
  const table = new Table({
    head: ['', 'word', 'count', 'share'],
    colAligns: ['right', 'left', 'right', 'right'],
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  })
  table.push(
    ...top.map(([word, count], index) => [index + 1, shown(word), number(count), share(count, total)]),
  )
  return table.toString()
}

const widest = 40

function shown(word: string): string {
  const characters = Array.from(word.slice(0, 2 * widest + 2))
  return characters.length > widest ? `${characters.slice(0, widest - 1).join('')}…` : word
}
