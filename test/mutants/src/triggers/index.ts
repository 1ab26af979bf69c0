import { declarationMutants } from './declaration.js'
import { describeMutants } from './describe.js'
import { eventMutants } from './events.js'
import { firingMutants } from './firings.js'
import type { Mutant } from './mutant.js'
import { purityMutants } from './purity.js'
import { stateMutants } from './state.js'
import { timeMutants } from './time.js'

/** Triggers that each break a law. */
export const triggerMutants: readonly Mutant[] = [
  ...purityMutants,
  ...stateMutants,
  ...firingMutants,
  ...timeMutants,
  ...eventMutants,
  ...describeMutants,
  ...declarationMutants,
]
