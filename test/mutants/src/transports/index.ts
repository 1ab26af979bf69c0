import { deliveryMutants } from './delivery.js'
import { lifecycleMutants } from './lifecycle.js'
import { pressureMutants } from './pressure.js'
import type { TransportMutant } from './wrapped-transport.js'

export { severable } from './lifecycle.js'
export { subjectOf, WrappedTransport } from './wrapped-transport.js'

/** At least one for each law. */
export const transportMutants: readonly TransportMutant[] = [
  ...deliveryMutants,
  ...pressureMutants,
  ...lifecycleMutants,
]
