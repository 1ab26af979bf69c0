import test from 'ava'
import { quickEffort } from '../src/case.js'
import { bulk } from '../src/tier-3/cases/bulk.js'

for (const subject of bulk.subjects)
  test(`${bulk.name} gives figures of ${subject.name}`, async (t) => {
    const probe = await subject.open(quickEffort, '')
    for (let turn = 0; turn < 3; turn += 1)
      for (const figure of await probe.batch()) t.true(figure > 0 && Number.isFinite(figure))
    await probe.close()
  })
