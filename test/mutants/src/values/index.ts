import { carriageMutants } from './carriage.js'
import { endingMutants } from './endings.js'
import { fetchingMutants } from './fetching.js'
import { lendingMutants } from './lending.js'
import type { ValueMutant } from './wrapped-port.js'

export { subjectOf, WrappedPort } from './wrapped-port.js'

/** At least one for each law. */
export const valueMutants: readonly ValueMutant[] = [
  ...carriageMutants,
  ...lendingMutants,
  ...fetchingMutants,
  ...endingMutants,
]
