import { checkLaws, testLaws, type Law, type LawResult, type Reporter, type Runner } from './runner.js'
import { declarationLaws } from './trigger/laws/declaration.js'
import { describeLaws } from './trigger/laws/describe.js'
import { determinismLaws } from './trigger/laws/determinism.js'
import { eventLaws } from './trigger/laws/events.js'
import { exampleLaws } from './trigger/laws/examples.js'
import { firingLaws } from './trigger/laws/firings.js'
import { footprintLaws } from './trigger/laws/footprint.js'
import { ledgerLaws } from './trigger/laws/ledger.js'
import { lifecycleLaws } from './trigger/laws/lifecycle.js'
import { purityLaws } from './trigger/laws/purity.js'
import { timeLaws } from './trigger/laws/time.js'
import type { TriggerLaw } from './trigger/property.js'
import type { TriggerSubject } from './trigger/subject.js'
import { trialOf, type TrialOptions } from './trigger/trial.js'

/** What can be set when the laws are checked outside of a test runner. */
export interface CheckOptions extends TrialOptions {
  /** Only laws with these ids and names, such as `C10 conservation`. Default: all. */
  readonly laws?: readonly string[]
  /** Hears of each law as soon as it has been checked. */
  readonly report?: Reporter
}

const laws: readonly TriggerLaw[] = [
  ...exampleLaws,
  ...declarationLaws,
  ...eventLaws,
  ...purityLaws,
  ...determinismLaws,
  ...ledgerLaws,
  ...footprintLaws,
  ...firingLaws,
  ...timeLaws,
  ...describeLaws,
  ...lifecycleLaws,
]

/** The laws that every trigger must keep, in words. */
export const triggerLaws: readonly Pick<Law<never>, 'id' | 'name' | 'sentence'>[] = laws

/** Registers one test per law: `testTrigger(test, { primitive, options, examples })`. */
export function testTrigger<Options>(
  runner: Runner,
  subject: TriggerSubject<Options>,
  options: TrialOptions = {},
): void {
  testLaws(runner, laws, trialOf(subject as unknown as TriggerSubject, options))
}

/** Checks the laws and says of each whether the primitive keeps it. */
export async function checkTrigger<Options>(
  subject: TriggerSubject<Options>,
  { laws: asked, report, ...options }: CheckOptions = {},
): Promise<readonly LawResult[]> {
  const chosen = laws.filter(({ id, name }) => asked?.includes(`${id} ${name}`) ?? true)
  return checkLaws(chosen, trialOf(subject as unknown as TriggerSubject, options), undefined, report)
}
