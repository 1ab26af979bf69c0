import { markdownTable } from 'markdown-table'
import { type Case, measuredOf, type MissingRow, ours, rates, type Row } from './case.js'
import type { Target } from './target.js'

/** The figures as a table that is Markdown and reads well as it is. */
export function tableOf(rows: readonly (Row | MissingRow)[]): string {
  const measured = measuredOf(rows)
  const lines = rows.map((row) =>
    'missing' in row
      ? [row.case, row.subject, row.missing]
      : [
          row.case,
          row.subject,
          shown(row.median),
          row.unit,
          ...[row.p99, row.min, row.max].map(shown),
          ratioOf(row, measured),
        ],
  )
  const head = ['case', 'subject', 'median', 'unit', 'p99', 'min', 'max', `${ours} takes`]
  return markdownTable([head, ...lines], { align: ['', '', 'r', '', 'r', 'r', 'r', 'r'] })
}

/** A row as one line of JSON; one without figures has `null` for them, and says why in `missing`. */
export function jsonOf(row: Row | MissingRow): string {
  return JSON.stringify('missing' in row ? { ...noFigures, ...row } : row)
}

const noFigures = { median: null, p99: null, min: null, max: null }

/** What was aimed at and what came out, for the targets whose cases were run. */
export function targetsTableOf(targets: readonly Target[], rows: readonly Row[]): string {
  const lines = targets.flatMap(({ name, goal, unit, measured, met }) => {
    const figure = measured(rows)
    return figure === undefined ? [] : [[name, goal, `${shown(figure)} ${unit}`, met(figure) ? 'yes' : 'no']]
  })
  return lines.length === 0 ? '' : markdownTable([['target', 'goal', 'measured', 'met'], ...lines])
}

/** What a figure of each case is. */
export function casesTableOf(cases: readonly Case[]): string {
  return markdownTable([['case', 'one figure'], ...cases.map(({ name, figure }) => [name, figure])])
}

/** Below this a ratio would be that of the clock: five times the 10 ns that it can tell. */
const shortest = 0.05

/** How many times as long, or as much memory, our subject takes as the one of this row. */
function ratioOf({ case: name, median, unit }: Row, rows: readonly Row[]): string {
  const own = rows.find((row) => row.case === name && row.subject === ours)?.median
  if (own === undefined || median <= 0 || (unit === 'µs' && median < shortest)) return ''
  return `${shown(rates.has(unit) ? median / own : own / median)} ×`
}

/** Three digits that count; more would claim to be exact. */
function shown(figure: number): string {
  return figure.toLocaleString('en', { maximumSignificantDigits: 3 })
}
