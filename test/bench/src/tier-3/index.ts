import type { Case } from '../case.js'
import { bulk } from './cases/bulk.js'
import { failover } from './cases/failover.js'
import { hop } from './cases/hop.js'
import { journalledPut } from './cases/journalled-put.js'

/** Every case of tier 3, in groups; the subjects of one group take turns, because their figures are compared. */
export const groups: readonly (readonly Case[])[] = [[hop], [journalledPut], [bulk], [failover]]
