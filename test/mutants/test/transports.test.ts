import { checkTransport, transportLaws } from '@stigmergy/conformance'
import test from 'ava'
import { severable, subjectOf, transportMutants, WrappedTransport } from '../src/transports/index.js'

// One after the other: a law that counts what the process holds open must not count another mutant's.
for (const { law, lawName, subject } of transportMutants)
  test.serial(`${subject.name} breaks ${law} ${lawName}, and works otherwise`, async (t) => {
    const otherLaw = law === 'T25' ? 'T18' : 'T25'
    const results = await checkTransport(subject, [law, otherLaw])
    const broken = results.flatMap((result) => (result.ok ? [] : [result]))
    t.deepEqual(
      broken.map((result) => [result.law, result.name]),
      [[law, lawName]],
    )
    t.true(broken[0]?.error.message.startsWith(`${law} ${lawName}: `))
  })

for (const subject of [subjectOf(WrappedTransport), severable])
  test.serial(`${subject.name}, which is sound, keeps every law`, async (t) => {
    const results = await checkTransport(subject)
    t.deepEqual(
      results.filter((result) => !result.ok),
      [],
    )
  })

test('every law of transports has a mutant', (t) => {
  const tried = new Set(transportMutants.map(({ law }) => law))
  t.deepEqual(
    transportLaws.map(({ id }) => id).filter((id) => !tried.has(id)),
    [],
  )
})
