import { checkValueExchange, valueExchangeLaws } from '@stigmergy/conformance'
import test from 'ava'
import { subjectOf, valueMutants, WrappedPort } from '../src/values/index.js'

// One after the other: a law that counts what the process holds open must not count another mutant's.
for (const { law, lawName, subject } of valueMutants)
  test.serial(`${subject.name} breaks ${law} ${lawName}, and works otherwise`, async (t) => {
    const otherLaw = law === 'V10' ? 'V22' : 'V10'
    const results = await checkValueExchange(subject, [law, otherLaw])
    const broken = results.flatMap((result) => (result.ok ? [] : [result]))
    t.deepEqual(
      broken.map((result) => [result.law, result.name]),
      [[law, lawName]],
    )
    t.true(broken[0]?.error.message.startsWith(`${law} ${lawName}: `))
  })

test.serial('an exchange of wrapped ports, which is sound, keeps every law', async (t) => {
  const results = await checkValueExchange({ ...subjectOf(WrappedPort), deadlineMs: 5_000 })
  t.deepEqual(
    results.filter((result) => !result.ok),
    [],
  )
})

test('every law of value exchanges has a mutant', (t) => {
  const tried = new Set(valueMutants.map(({ law }) => law))
  t.deepEqual(
    valueExchangeLaws.map(({ id }) => id).filter((id) => !tried.has(id)),
    [],
  )
})
