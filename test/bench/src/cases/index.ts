import type { Case } from '../case.js'
import { batches } from './batch.js'
import { chain } from './chain.js'
import { fan } from './fan.js'
import { hop } from './hop.js'
import { largeHop } from './large-hop.js'
import { puts } from './put.js'
import { request } from './request.js'
import { sessions } from './sessions.js'

/** Every case of tier 1, in groups; the subjects of one group take turns, because their figures are compared. */
export const groups: readonly (readonly Case[])[] = [
  [hop],
  [chain],
  [fan],
  [request],
  [batches],
  puts,
  [largeHop],
  [sessions],
]
