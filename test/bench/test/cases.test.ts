import { tmpdir } from 'node:os'
import test from 'ava'
import { quickEffort, type Case, type Row, type Subject } from '../src/case.js'
import { SubjectRun } from '../src/subject-run.js'
import { tierNames, tiers } from '../src/tiers.js'

const cases = tiers['1'].groups.flat()

async function measured(of: Case, subject: Subject): Promise<readonly Row[]> {
  const run = await SubjectRun.open(of, subject, quickEffort, tmpdir())
  await run.warmUp()
  await run.turn()
  return run.finish()
}

for (const tier of tierNames) {
  const ofTier = tiers[tier].groups.flat()

  test(`the cases of tier ${tier} have names of their own, and so do the subjects of each`, (t) => {
    t.is(new Set(ofTier.map(({ name }) => name)).size, ofTier.length)
    for (const { name, subjects } of ofTier)
      t.is(new Set(subjects.map((subject) => subject.name)).size, subjects.length, name)
  })

  test(`the first subject of each case of tier ${tier} is ours`, (t) => {
    for (const { name, subjects } of ofTier) t.is(subjects[0]?.name, 'stigmergy', name)
  })
}

for (const each of cases)
  for (const subject of each.subjects)
    test(`${subject.name} does the work of ${each.name} and is measured`, async (t) => {
      const [row, ...memory] = await measured(each, subject)
      t.like(row, { case: each.name, subject: subject.name, unit: each.unit })
      t.is(memory.length, each.memory ? 2 : 0)
      const { min = NaN, median = NaN, p99 = NaN, max = NaN } = row ?? {}
      t.true(0 <= min && min <= median && median <= p99 && p99 <= max && Number.isFinite(max))
    })
