import test from 'ava'
import { checkTrigger, testTrigger, triggerLaws } from '@stigmergy/conformance'
import { batchSubject } from '../src/triggers/batch.js'
import { triggerMutants } from '../src/triggers/index.js'
import { joinSubject } from '../src/triggers/join.js'
import { periodSubject } from '../src/triggers/period.js'
import { MigratesRightly, secondVersion } from '../src/triggers/state.js'

/** These hold the runtime to its promises; no primitive can break them. */
const lawsOfTheRuntime = [
  'C6 atomic-step',
  'C7 firing-ids',
  'C8 order',
  'C10 conservation',
  'C13 session-end',
]

/** The same histories each time: here the suite is under test, not the triggers. */
const search = { runs: 300, seed: 1 }

for (const { does, breaks, subject } of triggerMutants)
  test(`a trigger that ${does} breaks ${breaks}`, async (t) => {
    const [result] = await checkTrigger(subject, { ...search, laws: [breaks] })
    t.is(result?.ok, false)
    if (result?.ok === false) t.true(result.error.message.startsWith(breaks))
  })

test('every law of triggers has its mutant, but those that no primitive can break', (t) => {
  const laws = triggerLaws.map(({ id, name }) => `${id} ${name}`)
  const broken = new Set(triggerMutants.map(({ breaks }) => breaks))
  t.deepEqual(laws.filter((law) => !broken.has(law)).sort(), [...lawsOfTheRuntime].sort())
})

// The triggers that the mutants are made of, unbroken.
testTrigger(test, batchSubject)
testTrigger(test, joinSubject)
testTrigger(test, periodSubject)
testTrigger(test, { ...secondVersion, primitive: MigratesRightly })
