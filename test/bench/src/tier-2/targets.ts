import { ours, rates, type Row } from '../case.js'
import { atLeast, atMost, medianOf, type Target, timesOf } from '../target.js'
import { handWritten } from './cases/mapreduce.js'
import { gnu } from './cases/sort.js'
import { bullMq, comlink, piscina, tinypool, wakeUp } from './peers/index.js'

/** What tier 2, the workers of one machine, is to reach. */
export const targets: readonly Target[] = [
  atMost(8, 'µs', 'hop to a thread, traffic flowing', medianOf('hop-thread')),
  atMost(8, 'µs', 'hop to a process, traffic flowing', medianOf('hop-process')),
  atMost(
    1.5,
    '×',
    'hop to an idle thread against the raw wake-up',
    timesOf('hop-thread-idle', 'hop-thread-idle', wakeUp.thread.name),
  ),
  atMost(
    1.5,
    '×',
    'hop to an idle process against the raw wake-up',
    timesOf('hop-process-idle', 'hop-process-idle', wakeUp.process.name),
  ),
  atMost(0.1, '×', 'hop to a thread against piscina', timesOf('hop-thread', 'hop-thread', piscina.name)),
  atMost(
    0,
    'cells',
    'hops, fan-outs and tasks in which piscina, tinypool, comlink or BullMQ is ahead',
    cellsBehind,
  ),
  atMost(250, 'µs', 'fan-out 16 and join', medianOf('fan-16-join')),
  atMost(250, 'µs', 'fan-out 16 and join, processes', medianOf('fan-16-join', `${ours}, processes`)),
  atLeast(180_000, 'tasks/s', '1,000 tiny tasks', medianOf('tasks-1000')),
  atLeast(180_000, 'tasks/s', '1,000 tiny tasks, processes', medianOf('tasks-1000', `${ours}, processes`)),
  atMost(1.2, '×', 'hand-over of 1 MB against 1 KB', timesOf('handover-1mb', 'handover-1kb')),
  atMost(1.2, '×', 'hand-over of 10 MB against 1 KB', timesOf('handover-10mb', 'handover-1kb')),
  atMost(1.2, '×', 'hand-over of 100 MB against 1 KB', timesOf('handover-100mb', 'handover-1kb')),
  atLeast(1.85, '×', 'CPU-bound map on 2 workers', medianOf('cpu-scaling')),
  atLeast(1.85, '×', 'CPU-bound map on 2 workers, processes', medianOf('cpu-scaling', `${ours}, processes`)),
  atMost(1, '%', 'idle runtime, of one core', medianOf('idle')),
  atMost(1, '%', 'idle runtime, processes, of one core', medianOf('idle', `${ours}, processes`)),
  atLeast(1, '×', 'sort of 1 GB against GNU sort', timesOf('sort', 'sort', gnu)),
  atLeast(
    0.9,
    '×',
    'word count on the MapReduce package against one written by hand',
    timesOf('mapreduce-words', 'mapreduce-words', handWritten),
  ),
  atLeast(
    0.9,
    '×',
    'sort on the MapReduce package against one written by hand',
    timesOf('mapreduce-sort', 'mapreduce-sort', handWritten),
  ),
]

const comparedCases: ReadonlySet<string> = new Set([
  'hop-thread',
  'hop-process',
  'fan-16-join',
  'fan-1000-join',
  'tasks-1000',
])
const comparedPeers: ReadonlySet<string> = new Set([piscina.name, tinypool.name, comlink.name, bullMq.name])

/** Of how many peers the median is better than ours, in the cases that are compared with them. */
function cellsBehind(rows: readonly Row[]): number | undefined {
  const cells = rows.filter((row) => comparedCases.has(row.case) && comparedPeers.has(row.subject))
  const pairs = cells.flatMap((theirs) => {
    const own = rows.find((row) => row.case === theirs.case && row.subject === ours)
    return own === undefined ? [] : [{ theirs, own }]
  })
  if (pairs.length === 0) return undefined
  return pairs.filter(({ theirs, own }) =>
    rates.has(own.unit) ? theirs.median > own.median : theirs.median < own.median,
  ).length
}
