import test from 'ava'
import { byBatchSize } from 'stigmergy'
import { explains, ofType, oneTrigger, setting, settle } from './setting.js'

test('S33: a full trigger that rejects holds its producer back, and nothing of the object is there', async (t) => {
  const { app } = oneTrigger(byBatchSize({ count: 10 }), { maxPending: 2 })
  const here = await setting(t, app)
  for (const key of ['a', 'b']) await here.runtime.put(app.handles, key, 1)
  await t.throwsAsync(here.runtime.put(app.handles, 'c', 1), { code: 'STG_TRIGGER_BUSY' })
  const { ledger } = explains(t, here, { held: ['a', 'b'], awaiting: { count: 8 }, last: 'held' })
  t.deepEqual(ledger, { admitted: 2, fired: 0, pending: 2, disposed: {} })
  here.runtime.bucket(app.handles).trigger('take').flush()
  await settle()
  t.is(await here.runtime.put(app.handles, 'c', 1), 'admitted')
})

test('S33: a full trigger that fires early hands over what it holds, and says that it is partial', async (t) => {
  const { app, fired, taken } = oneTrigger(byBatchSize({ count: 10 }), {
    maxPending: 2,
    onOverflow: 'fireEarly',
  })
  const here = await setting(t, app)
  for (const key of ['a', 'b', 'c']) await here.runtime.put(app.handles, key, 1)
  await settle()
  t.deepEqual(taken(), [['a', 'b']])
  t.true(fired[0]?.partial)
  explains(t, here, { held: ['c'], awaiting: { count: 9 } })
})

for (const [onOverflow, held, gone] of [
  ['dropOldest', ['c', 'd'], ['a', 'b']],
  ['dropNewest', ['a', 'b'], ['c', 'd']],
] as const)
  test(`S33: a full trigger with ${onOverflow} counts and tells what it lets go`, async (t) => {
    const { app } = oneTrigger(byBatchSize({ count: 10 }), { maxPending: 2, onOverflow })
    const here = await setting(t, app)
    for (const key of ['a', 'b', 'c', 'd']) await here.runtime.put(app.handles, key, 1)
    const { ledger } = explains(t, here, { held, awaiting: { count: 8 } })
    t.deepEqual(ledger.disposed, { overflow: 2 })
    t.deepEqual(
      ofType(here, 'object-disposed').map(({ object, reason }) => [object.key, reason]),
      gone.map((key) => [key, 'overflow']),
    )
  })
