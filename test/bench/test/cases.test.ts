import test from 'ava'
import { quickEffort, type Case, type Row, type Subject } from '../src/case.js'
import { groups } from '../src/cases/index.js'
import { SubjectRun } from '../src/subject-run.js'

const cases = groups.flat()

async function measured(of: Case, subject: Subject): Promise<readonly Row[]> {
  const run = await SubjectRun.open(of, subject, quickEffort)
  await run.warmUp()
  await run.turn()
  return run.finish()
}

test('cases have names of their own, and so do the subjects of each', (t) => {
  t.is(new Set(cases.map(({ name }) => name)).size, cases.length)
  for (const { name, subjects } of cases)
    t.is(new Set(subjects.map((subject) => subject.name)).size, subjects.length, name)
})

test('the first subject of each case is ours', (t) => {
  for (const { name, subjects } of cases) t.is(subjects[0]?.name, 'stigmergy', name)
})

for (const each of cases)
  for (const subject of each.subjects)
    test(`${subject.name} does the work of ${each.name} and is measured`, async (t) => {
      const [row, ...memory] = await measured(each, subject)
      t.like(row, { case: each.name, subject: subject.name, unit: each.unit })
      t.is(memory.length, each.memory ? 2 : 0)
      const { min = NaN, median = NaN, p99 = NaN, max = NaN } = row ?? {}
      t.true(0 <= min && min <= median && median <= p99 && p99 <= max && Number.isFinite(max))
    })
