import { checkLaws, testLaws, type Law, type LawResult, type Runner } from './runner.js'
import { carriageLaws } from './value-exchange/carriage-laws.js'
import { closingLaws } from './value-exchange/closing-laws.js'
import { fetchLaws } from './value-exchange/fetch-laws.js'
import { lendingLaws } from './value-exchange/lending-laws.js'
import { lossLaws } from './value-exchange/loss-laws.js'
import type { ValueExchangeSubject } from './value-exchange/nodes.js'

export type { ValueExchangeSubject, ValueWorld } from './value-exchange/nodes.js'

/** The laws that every exchange of values must keep. */
export const valueExchangeLaws: readonly Law<ValueExchangeSubject>[] = [
  ...carriageLaws,
  ...lendingLaws,
  ...fetchLaws,
  ...lossLaws,
  ...closingLaws,
]

/** Registers one test per law: `testValueExchange(test, { name, create })`. */
export function testValueExchange(runner: Runner, subject: ValueExchangeSubject): void {
  testLaws(runner, valueExchangeLaws, subject)
}

/** Checks every law, or those that `only` names by id, and says which ones the exchange keeps. */
export async function checkValueExchange(
  subject: ValueExchangeSubject,
  only?: readonly string[],
): Promise<readonly LawResult[]> {
  return checkLaws(valueExchangeLaws, subject, only)
}
