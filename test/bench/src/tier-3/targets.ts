import { atMost, type Target, timesOf } from '../target.js'
import { bulkTarget } from './cases/bulk.js'
import { failoverTarget } from './cases/failover.js'
import { hop, rawRequest } from './cases/hop.js'
import { journalledPut, rawPublish } from './cases/journalled-put.js'

/** What tier 3, the nodes of a cluster, is to reach. */
export const targets: readonly Target[] = [
  atMost(1.3, '×', 'hop to another node against a raw request', timesOf(hop.name, hop.name, rawRequest)),
  atMost(
    1.3,
    '×',
    'journalled put against a raw publish',
    timesOf(journalledPut.name, journalledPut.name, rawPublish),
  ),
  bulkTarget,
  failoverTarget,
]
