import { checkObjectStore, objectStoreLaws } from '@stigmergy/conformance'
import test from 'ava'
import { storeMutants, subjectOf, twoWindows, WrappedStore } from '../src/stores/index.js'

// One after the other: a law that counts what the process holds open must not count another mutant's.
for (const { law, lawName, subject } of storeMutants)
  test.serial(`${subject.name} breaks ${law} ${lawName}, and works otherwise`, async (t) => {
    const otherLaw = law === 'O14' ? 'O20' : 'O14'
    const results = await checkObjectStore(subject, [law, otherLaw])
    const broken = results.flatMap((result) => (result.ok ? [] : [result]))
    t.deepEqual(
      broken.map((result) => [result.law, result.name]),
      [[law, lawName]],
    )
    t.true(broken[0]?.error.message.startsWith(`${law} ${lawName}: `))
  })

for (const subject of [subjectOf(WrappedStore), twoWindows])
  test.serial(`${subject.name}, which is sound, keeps every law`, async (t) => {
    const results = await checkObjectStore(subject)
    t.deepEqual(
      results.filter((result) => !result.ok),
      [],
    )
  })

test('every law of object stores has a mutant', (t) => {
  const tried = new Set(storeMutants.map(({ law }) => law))
  t.deepEqual(
    objectStoreLaws.map(({ id }) => id).filter((id) => !tried.has(id)),
    [],
  )
})
