import { checkLaws, testLaws, type Law, type LawResult, type Runner } from './runner.js'
import { deliveryLaws } from './transport/delivery-laws.js'
import { lifecycleLaws } from './transport/lifecycle-laws.js'
import { pressureLaws } from './transport/pressure-laws.js'
import type { TransportSubject } from './transport/world.js'

export { reflect } from './transport/reflect.js'
export type { TransportSubject, TransportWorld } from './transport/world.js'

/** The laws that every transport must keep. */
export const transportLaws: readonly Law<TransportSubject>[] = [
  ...deliveryLaws,
  ...pressureLaws,
  ...lifecycleLaws,
]

/** Registers one test per law: `testTransport(test, { name, create })`. */
export function testTransport(runner: Runner, subject: TransportSubject): void {
  testLaws(runner, transportLaws, subject)
}

/** Checks every law, or those that `only` names by id, and says which ones the transport keeps. */
export async function checkTransport(
  subject: TransportSubject,
  only?: readonly string[],
): Promise<readonly LawResult[]> {
  return checkLaws(transportLaws, subject, only)
}
