import { closingMutants } from './closing.js'
import { descriptorMutants } from './descriptors.js'
import { roomMutants } from './room.js'
import { valueMutants } from './values.js'
import { windowMutants } from './windows.js'
import type { StoreMutant } from './wrapped-store.js'

export { twoWindows } from './windows.js'
export { subjectOf, WrappedStore } from './wrapped-store.js'

/** At least one for each law. */
export const storeMutants: readonly StoreMutant[] = [
  ...valueMutants,
  ...roomMutants,
  ...descriptorMutants,
  ...windowMutants,
  ...closingMutants,
]
