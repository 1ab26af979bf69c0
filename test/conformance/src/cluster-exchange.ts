import type { ClusterExchangeSubject } from './cluster-exchange/assembly.js'
import { journalLaws } from './cluster-exchange/journal-laws.js'
import { membershipLaws } from './cluster-exchange/membership-laws.js'
import { outageLaws } from './cluster-exchange/outage-laws.js'
import { registerLaws } from './cluster-exchange/register-laws.js'
import { watchLaws } from './cluster-exchange/watch-laws.js'
import { checkLaws, testLaws, type Law, type LawResult, type Runner } from './runner.js'

export type { ClusterExchangeSubject, Outage } from './cluster-exchange/assembly.js'

/** The laws that every exchange of a cluster must keep. */
export const clusterExchangeLaws: readonly Law<ClusterExchangeSubject>[] = [
  ...registerLaws,
  ...watchLaws,
  ...journalLaws,
  ...membershipLaws,
  ...outageLaws,
]

/** Registers one test per law: `testClusterExchange(test, { name, exchange })`. */
export function testClusterExchange(runner: Runner, subject: ClusterExchangeSubject): void {
  testLaws(runner, clusterExchangeLaws, subject)
}

/** Checks every law, or those that `only` names by id, and says which ones the exchange keeps. */
export async function checkClusterExchange(
  subject: ClusterExchangeSubject,
  only?: readonly string[],
): Promise<readonly LawResult[]> {
  return checkLaws(clusterExchangeLaws, subject, only)
}
