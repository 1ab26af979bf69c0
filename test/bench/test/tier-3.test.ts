import test from 'ava'
import { quickEffort } from '../src/case.js'
import { bulk, bulkTarget } from '../src/tier-3/cases/bulk.js'
import { PutRecord } from '../src/tier-3/put-record.js'
import { groups } from '../src/tier-3/index.js'

for (const { name, subjects } of groups.flat())
  for (const subject of subjects)
    test.serial(`${name} gives figures of ${subject.name}`, async (t) => {
      const probe = await subject.open(quickEffort, '')
      for (let turn = 0; turn < 3; turn += 1)
        for (const figure of await probe.batch()) t.true(figure > 0 && Number.isFinite(figure))
      await probe.close()
    })

test('bulk transfer is measured against the raw stream', (t) => {
  const rows = bulk.subjects.map(({ name: subject }, at) => {
    const figure = 900 + 100 * at
    return {
      case: bulk.name,
      subject,
      unit: bulk.unit,
      median: figure,
      p99: figure,
      min: figure,
      max: figure,
    }
  })
  t.is(bulkTarget.measured(rows), 0.9)
})

test('a failover that loses an object or fires it twice is found out', (t) => {
  const record = new PutRecord()
  for (const key of ['1', '2', '3']) record.admitted(key)
  record.ran({ ran: 'a', keys: ['1', '2'] })
  record.ran({ ran: 'a', keys: ['1', '2'] })
  t.is(record.waiting, 1)
  t.notThrows(() => record.check())
  record.ran({ ran: 'b', keys: ['2', '3'] })
  t.is(record.waiting, 0)
  t.throws(() => record.check(), { message: 'object 2 is in firings a and b' })
})
