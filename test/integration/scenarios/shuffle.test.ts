import test from 'ava'
import { dynamicGroup } from 'stigmergy'
import { explains, oneTrigger, setting, settle } from './setting.js'

test('S16: two shuffles that run at the same time never mix, and a late object becomes a dead letter', async (t) => {
  const { app, fired, taken } = oneTrigger(dynamicGroup({ producers: ['map1', 'map2'] }))
  const here = await setting(t, app)
  const sessions = ['s1', 's2'].map((session) => here.runtime.session({ session }))
  for (const producer of ['map1', 'map2'])
    for (const session of sessions)
      for (const group of ['y', 'x'])
        await session.put(app.handles, `${session.id} ${producer} ${group}`, 1, { group, producer })
  const [one, two] = sessions
  for (const name of ['map1', 'map2']) one?.closed(app.handles, { scope: 'producer', name })
  await settle()
  t.deepEqual(taken(), [
    ['s1 map1 x', 's1 map2 x'],
    ['s1 map1 y', 's1 map2 y'],
  ])
  explains(t, here, { held: [], awaiting: {}, last: 'fired' }, { session: 's1' })
  const { status } = explains(t, here, { last: 'held' }, { session: 's2' })
  t.is(status.held.length, 4)

  await one?.put(app.handles, 's1 late', 1, { group: 'x', producer: 'map1' })
  t.like(here.runtime.deadLetters.list()[0], { kind: 'object', reason: 'late-closed', session: 's1' })
  t.is(here.runtime.deadLetters.size, 1)

  for (const name of ['map1', 'map2']) two?.closed(app.handles, { scope: 'producer', name })
  await settle()
  t.is(fired.length, 4)
  t.true(fired.every(({ objects }) => new Set(objects.map(({ session }) => session)).size === 1))
})

test('S16: the data groups ctrl and a:b are groups like others', async (t) => {
  const { app, taken } = oneTrigger(dynamicGroup({ producers: { count: 1 } }))
  const here = await setting(t, app)
  const session = here.runtime.session({ session: 's' })
  for (const group of ['ctrl', 'a:b', 'a'])
    await session.put(app.handles, `k ${group}`, 1, { group, producer: 'p' })
  session.closed(app.handles, { scope: 'producer', name: 'p' })
  await settle()
  t.deepEqual(taken(), [['k a'], ['k a:b'], ['k ctrl']])
})
