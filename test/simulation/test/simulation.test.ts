import test from 'ava'
import { calmPlan, planOf } from '../src/plans.js'
import { problemsOf, shrink } from '../src/shrink.js'
import { Trial } from '../src/trial.js'

const seeds = Number(process.env['STIGMERGY_SIMULATION_SEEDS'] ?? 2_000)
const parts = 4

for (let part = 0; part < parts; part += 1)
  test.serial(
    `${seeds / parts} clusters on virtual time lose nothing and do nothing twice, ${part + 1}`,
    async (t) => {
      t.timeout(600_000)
      for (let seed = part + 1; seed <= seeds; seed += parts) {
        const found = await problemsOf(planOf(seed))
        if (found === undefined) continue
        const { plan, result } = await shrink(found)
        return t.fail([`seed ${seed}`, JSON.stringify(plan), ...result.problems, ...result.log].join('\n'))
      }
      t.pass()
    },
  )

test.serial('a seed is a run: the same again', async (t) => {
  const { log, frames, appends } = await new Trial(planOf(5)).run()
  const again = await new Trial(planOf(5)).run()
  t.deepEqual([again.log, again.frames, again.appends], [log, frames, appends])
})

test.serial('what a session costs does not grow with the number of nodes', async (t) => {
  const few = await costs(3, 2)
  const many = await costs(12, 2)
  t.true(many.frames < few.frames * 1.2, `${few.frames} frames per session grew to ${many.frames}`)
  t.true(many.appends < few.appends * 1.2, `${few.appends} appends per session grew to ${many.appends}`)
})

async function costs(nodes: number, coordinators: number): Promise<{ frames: number; appends: number }> {
  const requests = 50
  const { frames, appends, problems } = await new Trial(calmPlan(nodes, coordinators, requests)).run()
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return { frames: frames / requests, appends: appends / requests }
}
