import test from 'ava'
import type { Row, Unit } from '../src/case.js'
import { tableOf, targetsTableOf } from '../src/report.js'
import type { Target } from '../src/target.js'
import { targets } from '../src/cases/targets.js'

function row(name: string, subject: string, median: number, unit: Unit = 'µs'): Row {
  return { case: name, subject, median, unit, p99: median, min: median, max: median }
}

/** The last cell of the line of a subject. */
function ratioOf(subject: string, rows: readonly Row[]): string | undefined {
  const cells = tableOf(rows)
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
  return cells.find((line) => line[2] === subject)?.at(-2)
}

test('the table says how many times as long we take as a peer', (t) => {
  t.is(ratioOf('p-queue', [row('hop', 'stigmergy', 3), row('hop', 'p-queue', 2)]), '1.5 ×')
})

test('of a rate, the ratio is still that of the times', (t) => {
  const rows = [row('batch-100', 'stigmergy', 1e6, 'events/s'), row('batch-100', 'RxJS', 4e6, 'events/s')]
  t.is(ratioOf('RxJS', rows), '4 ×')
})

test('there is no ratio to what was too fast for the clock', (t) => {
  t.is(ratioOf('plain async call', [row('hop', 'stigmergy', 1), row('hop', 'plain async call', 0)]), '')
})

test('figures have three digits that count', (t) => {
  t.regex(tableOf([row('hop', 'stigmergy', 1.23456)]), /\| 1\.23 \|/)
  t.regex(tableOf([row('batch-100', 'stigmergy', 1_234_567, 'events/s')]), /\| 1,230,000 \|/)
})

test('a target is met at its goal and missed beyond it', (t) => {
  const [hop] = targets
  t.true(hop?.met(2))
  t.false(hop?.met(2.01))
  const rate = targets.find(({ unit }) => unit === 'events/s')
  t.true(rate?.met(1_000_000))
  t.false(rate?.met(999_999))
})

test('a target of two cases compares our medians of them', (t) => {
  const target = targets.find(({ name }) => name.startsWith('put at 10,000')) as Target
  t.is(target.measured([row('put-10', 'stigmergy', 2), row('put-10k', 'stigmergy', 3)]), 1.5)
  t.is(target.measured([row('put-10', 'stigmergy', 2), row('put-10k', 'Map of arrays', 3)]), undefined)
})

test('targets of cases that were not run are left out', (t) => {
  const table = targetsTableOf(targets, [row('request', 'stigmergy', 25)])
  t.is(table.split('\n').length, 3)
  t.regex(table, /at most 20 µs +\| 25 µs +\| no/)
  t.is(targetsTableOf(targets, []), '')
})
