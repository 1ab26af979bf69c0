import { checkClusterExchange, clusterExchangeLaws } from '@stigmergy/conformance'
import test from 'ava'
import { exchangeMutants, subjectOf, WrappedExchange } from '../src/exchanges/index.js'

// One after the other: a law that counts what the process holds open must not count another mutant's.
for (const { law, lawName, subject } of exchangeMutants)
  test.serial(`${subject.name} breaks ${law} ${lawName}, and works otherwise`, async (t) => {
    const otherLaw = law === 'M4' ? 'R2' : 'M4'
    const results = await checkClusterExchange(subject, [law, otherLaw])
    const broken = results.flatMap((result) => (result.ok ? [] : [result]))
    t.deepEqual(
      broken.map((result) => [result.law, result.name]),
      [[law, lawName]],
    )
    t.true(broken[0]?.error.message.startsWith(`${law} ${lawName}: `))
  })

test.serial('WrappedExchange, which is sound, keeps every law', async (t) => {
  const results = await checkClusterExchange(subjectOf(WrappedExchange))
  t.deepEqual(
    results.filter((result) => !result.ok),
    [],
  )
})

test('every law of cluster exchanges has a mutant', (t) => {
  const tried = new Set(exchangeMutants.map(({ law }) => law))
  t.deepEqual(
    clusterExchangeLaws.map(({ id }) => id).filter((id) => !tried.has(id)),
    [],
  )
})
