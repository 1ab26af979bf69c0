import { All, all } from '@stigmergy/composites'
import test from 'ava'
import {
  byName,
  bySet,
  defineApp,
  dynamicJoin,
  type DynamicJoinInput,
  type Fired,
  redundant,
  StigmergyError,
} from 'stigmergy'
import { explains, gate, keys, ofType, oneTrigger, setting, settle, taking, values } from './setting.js'

const alphabet = Array.from('abcdefghijklmnopqrstuvwxyz')

test('S6: three of three fire in each of five rounds, with exactly the objects of their round', async (t) => {
  const { app, taken } = oneTrigger(redundant({ k: 3, n: 3 }))
  const here = await setting(t, app)
  for (const round of [1, 2, 3, 4, 5]) {
    const session = here.runtime.session()
    for (const key of ['x', 'y', 'z']) await session.put(app.handles, `${key}${round}`, round)
    explains(t, here, { held: [], awaiting: {}, last: 'fired' }, { session: session.id })
    t.deepEqual(await session.end(), { outcome: 'succeeded' })
  }
  t.deepEqual(
    taken(),
    [1, 2, 3, 4, 5].map((round) => [`x${round}`, `y${round}`, `z${round}`]),
  )
})

test('S10: keys that are declared a to z and put in any order fire as a to z', async (t) => {
  const { app, taken } = oneTrigger(bySet({ keys: alphabet }))
  const here = await setting(t, app)
  // 7 and 26 have no common divisor, so each letter comes once.
  const shuffled = alphabet.map((_letter, place) => alphabet[(place * 7 + 3) % 26] ?? '')
  for (const key of shuffled) {
    t.deepEqual(taken(), [])
    await here.runtime.put(app.handles, key, 1, { session: 's' })
  }
  await settle()
  t.deepEqual(taken(), [alphabet])
  explains(t, here, { held: [], awaiting: {}, last: 'fired' }, { session: 's' })
})

test('S11: of 100,000 sessions that were left incomplete nothing is left when they have ended', async (t) => {
  const { app, taken } = oneTrigger(bySet({ keys: ['left', 'right'] }), { onLate: 'drop' })
  const here = await setting(t, app)
  const sessions = Array.from({ length: 100_000 }, () => here.runtime.session())
  for (const session of sessions) await session.put(app.handles, 'left', 1)
  const trigger = here.runtime.bucket(app.handles).trigger('take')
  t.is(trigger.partitions, 100_000)
  for (const session of sessions) session.cancel()
  await Promise.all(sessions.map(({ ended }) => ended))
  t.deepEqual(taken(), [])
  t.deepEqual(trigger.ledger, {
    admitted: 100_000,
    fired: 0,
    pending: 0,
    disposed: { 'session-ended': 100_000 },
  })
  t.is(trigger.partitions, 0)
  t.deepEqual([here.store.usage.objects, here.runtime.stats.sessions.live, here.clock.armed], [0, 0, 0])
})

/** A dynamic join of words whose parallel stage makes them loud; `bad` fails, `twice` gives two results. */
function wordJoin(options: Omit<DynamicJoinInput, 'parallel'> = {}) {
  const results: (readonly string[])[] = []
  const app = defineApp('app', (app) => {
    const words = app.bucket<string>('events')
    const work = app.fn<string>('work', async ({ value, objects: [item] }, { put }) => {
      if (value === 'bad') throw new Error('a bad word')
      await put(words, item?.key, value.toUpperCase())
      if (value === 'twice') await put(words, 'again', 'AGAIN')
    })
    const take = app.fn<string>('take', ({ objects }) => void results.push(values(objects)))
    return words.when(dynamicJoin({ parallel: work, ...options }), take)
  })
  return { app, results: () => results }
}

test('S18: a join of no items fires with nothing', async (t) => {
  const { app, results } = wordJoin()
  const here = await setting(t, app)
  const session = here.runtime.session({ session: 's' })
  session.closed(app.handles, { scope: 'items', expected: 0 })
  await settle()
  t.deepEqual(results(), [[]])
  explains(t, here, { held: [], awaiting: {}, last: 'fired' }, { session: 's' })
})

test('S18: a seal with a number may come before the items', async (t) => {
  const { app, results } = wordJoin()
  const here = await setting(t, app)
  const session = here.runtime.session({ session: 's' })
  session.closed(app.handles, { scope: 'items', expected: 2 })
  await session.put(app.handles, 'a', 'one', { role: 'item' })
  await settle()
  t.deepEqual(results(), [])
  await session.put(app.handles, 'b', 'two', { role: 'item' })
  await settle()
  t.deepEqual(results(), [['ONE', 'TWO']])
})

test('S18: an item after the set is complete is late, and its producer is told', async (t) => {
  const { app, results } = wordJoin()
  const here = await setting(t, app)
  const session = here.runtime.session({ session: 's' })
  await session.put(app.handles, 'a', 'one', { role: 'item' })
  session.closed(app.handles, { scope: 'items' })
  await t.throwsAsync(session.put(app.handles, 'b', 'two', { role: 'item' }), { code: 'STG_TRIGGER_SEALED' })
  await settle()
  t.deepEqual(results(), [['ONE']])
  const { ledger } = explains(t, here, { held: [] }, { session: 's' })
  t.is(ledger.disposed['late-closed'], 1)
})

test('S18: the second result of an item is surplus', async (t) => {
  const { app, results } = wordJoin()
  const here = await setting(t, app)
  const session = here.runtime.session({ session: 's' })
  await session.put(app.handles, 'a', 'twice', { role: 'item' })
  await settle()
  session.closed(app.handles, { scope: 'items' })
  await settle()
  t.deepEqual(results(), [['TWICE']])
  const { ledger } = explains(t, here, { held: [] }, { session: 's' })
  t.is(ledger.disposed.surplus, 1)
})

test('S18: an item that fails ends the join at once, or is left out', async (t) => {
  for (const onItemError of ['fail', 'skip'] as const) {
    const { app, results } = wordJoin({ onItemError })
    const here = await setting(t, app)
    const session = here.runtime.session({ session: 's' })
    session.closed(app.handles, { scope: 'items', expected: 2 })
    await session.put(app.handles, 'a', 'one', { role: 'item' })
    await session.put(app.handles, 'b', 'bad', { role: 'item' })
    await settle()
    const { outcome, error } = await session.end()
    t.is(outcome, onItemError === 'fail' ? 'failed' : 'succeeded')
    t.is(StigmergyError.is(error, 'STG_FUNCTION_FAILED'), onItemError === 'fail')
    const reasons = ofType(here, 'trigger-unsatisfied').map(({ report }) => report.reason)
    t.deepEqual(reasons, onItemError === 'fail' ? ['failed'] : [])
    t.deepEqual(results(), onItemError === 'fail' ? [] : [['ONE']])
  }
})

for (const first of ['parent', 'child'] as const)
  test(`S20: a child that ends in the turn in which its parent ends, the ${first} first, completes the join`, async (t) => {
    const joined: Fired<string>[] = []
    const rest = gate()
    const app = defineApp('app', (app) => {
      const parts = app.bucket<string>('events')
      const child = app.fn('child', async (_fired, { put }) => {
        if (first === 'parent') await rest.passed.then(() => undefined)
        else await rest.passed
        void put(parts, 'result', 'done')
      })
      parts.when(dynamicJoin({ parallel: child }), taking(app, joined))
      return app.fn('parent', async (_fired, { put, closed }) => {
        await put(parts, 'item', 'work', { role: 'item' })
        if (first === 'child') await rest.passed.then(() => undefined)
        else await rest.passed
        closed(parts, { scope: 'items' })
      })
    })
    const here = await setting(t, app)
    const session = here.runtime.invoke(app.handles, 1)
    await settle()
    rest.open()
    t.deepEqual(await session.ended, { outcome: 'succeeded' })
    t.deepEqual(
      joined.map(({ objects }) => keys(objects)),
      [['result']],
    )
    explains(t, here, { phase: 'over' }, { session: session.id })
  })

for (const [pick, round, disposed, held] of [
  ['first', ['left 0', 'right'], {}, 9],
  ['latest', ['left 9', 'right'], { superseded: 9 }, 0],
  ['all', [...Array.from({ length: 10 }, (_value, count) => `left ${count}`), 'right'], {}, 0],
] as const)
  for (const [name, join] of [
    ['a set', bySet({ keys: ['left', 'right'], repeat: 'rounds', pick })],
    ['all', all({ pick }, byName({ match: 'left' }), byName({ match: 'right' }))],
  ] as const)
    test(`S24: one side that comes ten times before the other is paired by ${name} as pick ${pick} says`, async (t) => {
      const { app, fired } = oneTrigger<string>(join, { bucket: { multi: true }, scope: 'session' })
      const here = await setting(t, app, { primitives: [All] })
      const session = here.runtime.session({ session: 's' })
      for (let count = 0; count < 10; count += 1) await session.put(app.handles, 'left', `left ${count}`)
      explains(t, here, { awaiting: { keys: ['right'] }, last: 'held' }, { session: 's' })
      await session.put(app.handles, 'right', 'right')
      await settle()
      t.deepEqual(
        fired.map(({ objects }) => values(objects)),
        [round],
      )
      const { ledger, status } = explains(t, here, { last: 'fired' }, { session: 's' })
      t.deepEqual(ledger.disposed, disposed)
      t.is(status.held.length, held)
    })

test('S31: a branch that is said to have ended without output makes its join impossible at once', async (t) => {
  const { app, taken } = oneTrigger(bySet({ keys: ['left', 'right'] }))
  const here = await setting(t, app)
  const session = here.runtime.session({ session: 's' })
  await session.put(app.handles, 'left', 1)
  session.closed(app.handles, { scope: 'producer', name: 'right', outcome: 'failed' })
  const { outcome, error } = await session.ended
  t.is(outcome, 'failed')
  t.true(StigmergyError.is(error, 'STG_TRIGGER_UNSATISFIED'))
  t.deepEqual(
    ofType(here, 'trigger-unsatisfied').map(({ report }) => report.missing),
    [['right']],
  )
  t.deepEqual(taken(), [])
  const { steps } = explains(t, here, { phase: 'over' }, { session: 's' })
  t.deepEqual(steps.at(-1)?.unsatisfied?.missing, ['right'])
})

test('S31: a run that ends without its object counts as failed for a first-k-of-n, without any deadline', async (t) => {
  const joined: Fired<number>[] = []
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('events')
    const seeds = app.bucket<number>('seeds')
    const run = app.fn<number>(
      'run',
      async ({ value }, { put }) => {
        if (value > 1) await put(parts, undefined, value)
      },
      { puts: [parts] },
    )
    for (const key of ['a', 'b']) seeds.when(bySet({ keys: [key] }), run, { name: key })
    parts.when(redundant({ k: 2, n: 2, onDeficit: 'partial' }), taking(app, joined))
    return { seeds }
  })
  const here = await setting(t, app)
  const session = here.runtime.session({ session: 's' })
  await session.put(app.handles.seeds, 'a', 2)
  await settle()
  explains(t, here, { awaiting: { count: 1 }, last: 'ignored' }, { session: 's' })
  await session.put(app.handles.seeds, 'b', 1)
  await settle()
  t.deepEqual(
    joined.map(({ objects, partial }) => [values(objects), partial]),
    [[[2], true]],
  )
})
