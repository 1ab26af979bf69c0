import type { Case } from './case.js'
import { groups as groups1 } from './cases/index.js'
import { targets as targets1 } from './cases/targets.js'
import type { Target } from './target.js'
import { groups as groups2 } from './tier-2/index.js'
import { targets as targets2 } from './tier-2/targets.js'
import { groups as groups3 } from './tier-3/index.js'
import { targets as targets3 } from './tier-3/targets.js'

/** How far work spreads, what is measured there, and what we want to reach. */
export interface Tier {
  readonly reach: string
  /** The subjects of one group take turns, because their figures are compared. */
  readonly groups: readonly (readonly Case[])[]
  readonly targets: readonly Target[]
}

export type TierName = '1' | '2' | '3'

/** The tiers that can be measured. */
export const tiers: Readonly<Record<TierName, Tier>> = {
  1: { reach: 'stays inside one worker', groups: groups1, targets: targets1 },
  2: { reach: 'is shared by the workers of one machine', groups: groups2, targets: targets2 },
  3: { reach: 'goes from one node of a cluster to another', groups: groups3, targets: targets3 },
}

/** The names of the tiers, in order. */
export const tierNames = Object.keys(tiers) as readonly TierName[]

export function isTierName(name: string): name is TierName {
  return Object.hasOwn(tiers, name)
}
