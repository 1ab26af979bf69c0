import { ours } from '../case.js'
import { atLeast, atMost, medianOf, type Target, timesOf } from '../target.js'

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
