import type { AlgebraLaw } from './law.js'
import { structureLaws } from './structure.js'
import { timeLaws } from './time.js'

export type { AlgebraLaw, Search } from './law.js'

/** The laws that relate composites to each other. */
export const algebraLaws: readonly AlgebraLaw[] = [...structureLaws, ...timeLaws]
