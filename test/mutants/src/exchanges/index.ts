import { journalMutants } from './journal.js'
import { membershipMutants } from './membership.js'
import { registerMutants } from './register.js'
import type { ExchangeMutant } from './wrapped-exchange.js'

export { subjectOf, WrappedExchange } from './wrapped-exchange.js'

/** At least one for each law. */
export const exchangeMutants: readonly ExchangeMutant[] = [
  ...registerMutants,
  ...journalMutants,
  ...membershipMutants,
]
