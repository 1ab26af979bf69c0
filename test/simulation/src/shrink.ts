import { smallerPlans } from './plans.js'
import { Trial, type TrialPlan, type TrialResult } from './trial.js'

export interface Finding {
  readonly plan: TrialPlan
  readonly result: TrialResult
}

/** Runs a plan; undefined when nothing was wrong. */
export async function problemsOf(plan: TrialPlan): Promise<Finding | undefined> {
  const result = await new Trial(plan).run()
  return result.problems.length === 0 ? undefined : { plan, result }
}

/** Looks for less that goes wrong, too, as long as there is any. */
export async function shrink(found: Finding): Promise<Finding> {
  for (const plan of smallerPlans(found.plan)) {
    const smaller = await problemsOf(plan)
    if (smaller !== undefined) return shrink(smaller)
  }
  return found
}
