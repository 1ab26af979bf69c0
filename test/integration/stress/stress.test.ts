import test from 'ava'
import fc from 'fast-check'
import { type Plan, plans } from './plan.js'
import { stress } from './trial.js'

// STIGMERGY_STRESS_RUNS sets how many histories there are, STIGMERGY_SEED and STIGMERGY_PATH repeat a search.
const { STIGMERGY_STRESS_RUNS, STIGMERGY_SEED, STIGMERGY_PATH } = process.env
const numRuns = Number(STIGMERGY_STRESS_RUNS || 300)

test('whatever happens to a runtime, it accounts for everything, answers everybody and leaves nothing', async (t) => {
  t.timeout(86_400_000)
  const details = await fc.check(fc.asyncProperty(plans, stress), {
    numRuns,
    ...(STIGMERGY_SEED ? { seed: Number(STIGMERGY_SEED) } : {}),
    ...(STIGMERGY_PATH ? { path: STIGMERGY_PATH } : {}),
  })
  t.log(`${details.numRuns} histories: STIGMERGY_SEED=${details.seed}`)
  if (details.failed) t.fail(reportOf(details))
  t.pass()
})

function reportOf(details: fc.RunDetails<[Plan]>): string {
  const { errorInstance, seed, counterexamplePath } = details
  const what = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
  const again = `again: STIGMERGY_SEED=${seed} STIGMERGY_PATH=${counterexamplePath ?? ''}`
  return `${what}\n${fc.stringify(details.counterexample)}\n${again}`
}
