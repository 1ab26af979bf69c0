import test from 'ava'
import { planOf } from '../src/plans.js'
import { plantedBugs } from '../src/planted.js'
import { problemsOf } from '../src/shrink.js'

/** A planted bug has to show in so many seeds. */
const seedsPerBug = 300

for (const { name, plant } of plantedBugs)
  test.serial(`it is found when ${name}`, async (t) => {
    const takeOut = plant()
    t.teardown(takeOut)
    for (let seed = 1; seed <= seedsPerBug; seed += 1)
      if ((await problemsOf(planOf(seed))) !== undefined) return t.pass()
    t.fail(`${seedsPerBug} seeds have not shown it`)
  })
