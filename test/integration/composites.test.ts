import { All, all, First, first } from '@stigmergy/composites'
import test from 'ava'
import { bySet } from 'stigmergy'
// A package of somebody else, of which composites know nothing.
import { Debounce, debounce } from '../../examples/custom-primitive/src/index.js'
import { beginning, explains, oneTrigger, setting, settle } from './scenarios/setting.js'

test('a join waits for a primitive of a user as for any other', async (t) => {
  const { app, taken } = oneTrigger(all(debounce({ waitMs: 100 }), bySet({ keys: ['a', 'b'] })), {
    scope: 'session',
  })
  const here = await setting(t, app, { primitives: [All, Debounce] })
  const session = here.runtime.session({ session: 's' })
  for (const key of ['a', 'b']) await session.put(app.handles, key, 1)
  explains(t, here, { held: ['b', 'a'], awaiting: { until: beginning + 100 } }, { session: 's' })
  here.clock.advance(100)
  await settle()
  t.deepEqual(taken(), [['b', 'a']])
  explains(t, here, { held: [], last: 'fired' }, { session: 's' })
})

test('a primitive of a user that loses a race lets go of what it holds, and its timer is gone', async (t) => {
  const { app, taken } = oneTrigger(first(debounce({ waitMs: 100 }), bySet({ keys: ['a', 'b'] })), {
    scope: 'session',
  })
  const here = await setting(t, app, { primitives: [First, Debounce] })
  const session = here.runtime.session({ session: 's' })
  for (const key of ['a', 'c', 'b']) await session.put(app.handles, key, 1)
  await settle()
  t.deepEqual(taken(), [['a', 'b']])
  const { ledger, timers } = explains(t, here, { held: [], awaiting: {} }, { session: 's' })
  t.deepEqual(timers, {})
  t.deepEqual(ledger.disposed, { superseded: 1 })
})
