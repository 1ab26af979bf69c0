import { ours, type Row } from './case.js'

/** A figure that we want to reach, and how it is read from what was measured. */
export interface Target {
  readonly name: string
  readonly goal: string
  /** The figure as measured, or undefined if a case that it needs was not run. */
  readonly measured: (rows: readonly Row[]) => number | undefined
  readonly unit: string
  readonly met: (figure: number) => boolean
}

/** What tier 1, everything inside one worker, is to reach. */
export const targets: readonly Target[] = [
  atMost(2, 'µs', 'hop', medianOf('hop')),
  atMost(2_000, 'µs', 'chain of 1,000 functions', medianOf('chain-1000')),
  atMost(60, 'µs', 'fan-out 16 and join by BySet', medianOf('fan-16-join')),
  atMost(60, 'µs', 'fan-out 16 and join by DynamicJoin', medianOf('fan-16-join', `${ours}, DynamicJoin`)),
  atMost(20, 'µs', 'request and reply, no work', medianOf('request')),
  atLeast(1_000_000, 'events/s', 'batches of 100 small events', medianOf('batch-100')),
  atMost(
    1.2,
    '×',
    'hop with 100 MB against 100 bytes',
    timesOf('hop-100mb', 'hop-100mb', `${ours}, 100 bytes`),
  ),
  atMost(1.5, '×', 'put at 10,000 open partitions against 10', timesOf('put-10k', 'put-10')),
  atMost(1.5, '×', 'put at 1,000,000 open partitions against 10', timesOf('put-1m', 'put-10')),
  atMost(300, 'MB', 'peak RSS of 1,000,000 sessions', medianOf('sessions-1m-rss')),
  atMost(16, 'MB', 'growth of the heap in 1,000,000 sessions', medianOf('sessions-1m-heap')),
]

function atMost(goal: number, unit: string, name: string, measured: Target['measured']): Target {
  return {
    name,
    unit,
    measured,
    goal: `at most ${goal.toLocaleString('en')} ${unit}`,
    met: (figure) => figure <= goal,
  }
}

function atLeast(goal: number, unit: string, name: string, measured: Target['measured']): Target {
  return {
    name,
    unit,
    measured,
    goal: `at least ${goal.toLocaleString('en')} ${unit}`,
    met: (figure) => figure >= goal,
  }
}

function medianOf(name: string, subject: string = ours): Target['measured'] {
  return (rows) => rows.find((row) => row.case === name && row.subject === subject)?.median
}

/** How many times the base the figure is; both are ours. */
function timesOf(name: string, base: string, subjectOfBase: string = ours): Target['measured'] {
  return (rows) => {
    const figure = medianOf(name)(rows)
    const against = medianOf(base, subjectOfBase)(rows)
    return figure === undefined || against === undefined ? undefined : figure / against
  }
}
