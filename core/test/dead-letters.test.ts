import test from 'ava'
import { byBatchSize, bySet, defineApp, dynamicGroup, immediate } from 'stigmergy'
import { leftovers, nothing, ofType, turns, until, world } from './world.js'

test('a firing whose function failed for good is a dead letter, with its objects and the error', async (t) => {
  const app = defineApp('app', (app) => {
    const events = app.bucket<string>('events')
    events.when(
      byBatchSize({ count: 2 }),
      app.fn<string>(
        'work',
        () => {
          throw new Error('no')
        },
        { retries: { max: 1, backoffMs: 10 } },
      ),
    )
    return { events }
  })
  const here = await world(t, app)
  for (const key of ['a', 'b']) await here.runtime.put(app.handles.events, key, `value of ${key}`)
  await turns()
  here.clock.advance(10)
  await until(() => here.runtime.deadLetters.size === 1)
  const [letter] = here.runtime.deadLetters.list()
  t.like(letter, { kind: 'firing', fn: 'work', attempts: 2, at: 1_010, values: ['value of a', 'value of b'] })
  t.deepEqual(
    letter?.objects.map(({ key }) => key),
    ['a', 'b'],
  )
  t.like(letter?.kind === 'firing' ? letter.error : undefined, { code: 'STG_FUNCTION_FAILED' })
  t.deepEqual(
    ofType(here, 'dead-letter').map(({ id }) => id),
    [letter?.id],
  )
  t.is(here.store.usage.objects, 2)
  here.runtime.deadLetters.discard(letter?.id ?? '')
  t.is(here.runtime.deadLetters.size, 0)
  t.deepEqual(leftovers(here), nothing)
})

test('a firing that is driven again runs in a new session with all that it had', async (t) => {
  let broken = true
  const seen: unknown[] = []
  const app = defineApp('app', (app) => {
    const words = app.bucket<string>('words')
    words.when(
      dynamicGroup({ producers: ['p'] }),
      app.fn<string, string>('reduce', (fired, { reply, session }) => {
        seen.push([fired.id, fired.trigger, fired.meta['group'], fired.objects.map(({ value }) => value)])
        if (broken) throw new Error('not yet')
        reply(session)
      }),
    )
    return { words }
  })
  const here = await world(t, app)
  const session = here.runtime.session({ session: 's' })
  await session.put(app.handles.words, 'k', 'w', { group: 'g', producer: 'p' })
  session.closed(app.handles.words, { scope: 'producer', name: 'p' })
  t.is((await session.end()).outcome, 'failed')
  broken = false
  const [letter] = here.runtime.deadLetters.list()
  const again = here.runtime.deadLetters.redrive(letter?.id ?? '')
  t.is(await again.result, again.id)
  t.deepEqual(await again.ended, { outcome: 'succeeded' })
  t.is(seen.length, 2)
  t.deepEqual(seen[1], seen[0])
  t.is(ofType(here, 'trigger-fired').length, 1)
  t.is(here.runtime.deadLetters.size, 0)
  t.deepEqual(leftovers(here), nothing)
})

test('a firing that fails again is a dead letter again', async (t) => {
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      immediate({ ordered: true }),
      app.fn<number>('work', () => {
        throw new Error('never')
      }),
    )
    return { events }
  })
  const here = await world(t, app)
  await here.runtime.put(app.handles.events, 'a', 1)
  await until(() => here.runtime.deadLetters.size === 1)
  const [first] = here.runtime.deadLetters.list()
  t.is((await here.runtime.deadLetters.redrive(first?.id ?? '').ended).outcome, 'failed')
  const [second] = here.runtime.deadLetters.list()
  t.not(second?.id, first?.id)
  t.deepEqual(second?.values, [1])
  here.runtime.deadLetters.discard(second?.id ?? '')
  t.deepEqual(leftovers(here), nothing)
})

test('a request that failed can be driven again', async (t) => {
  let broken = true
  const app = defineApp('app', (app) =>
    app.fn<number, number>('work', ({ value }, { reply }) => {
      if (broken) throw new Error('not yet')
      reply(value)
    }),
  )
  const here = await world(t, app)
  await here.runtime.invoke(app.handles, 42).ended
  broken = false
  const [letter] = here.runtime.deadLetters.list()
  t.is(await here.runtime.deadLetters.redrive(letter?.id ?? '').result, 42)
  t.deepEqual(leftovers(here), nothing)
})

/** An app whose session `s` is over, and one object that came too late for it. */
async function late(t: Parameters<typeof world>[0], onLate: 'deadLetter' | 'drop' = 'deadLetter') {
  const seen: (readonly [string, string, string | undefined])[] = []
  const app = defineApp('app', (app) => {
    const events = app.bucket<string>('events')
    events.when(
      immediate(),
      app.fn<string>(
        'read',
        ({ objects, value }, { session }) => void seen.push([session, value, objects[0]?.group]),
      ),
      { onLate, scope: 'session' },
    )
    return { events, noop: app.fn('noop', () => undefined) }
  })
  const here = await world(t, app, { limits: { sessionIdleMs: 100 } })
  await here.runtime.invoke(app.handles.noop, 1, { session: 's' }).ended
  t.is(await here.runtime.put(app.handles.events, 'k', 'late', { session: 's', group: 'g' }), 'late')
  return { here, seen, app }
}

test('an object that came too late is a dead letter, and can be put again', async (t) => {
  const { here, seen } = await late(t)
  const [letter] = here.runtime.deadLetters.list()
  t.like(letter, {
    kind: 'object',
    trigger: 'events.read',
    reason: 'late-closed',
    session: 's',
    values: ['late'],
  })
  const again = here.runtime.deadLetters.redrive(letter?.id ?? '')
  t.is((await again.ended).outcome, 'succeeded')
  t.deepEqual(seen, [[again.id, 'late', 'g']])
  t.deepEqual(leftovers(here), nothing)
})

test('an object that came too late is only counted where that is said', async (t) => {
  const { here } = await late(t, 'drop')
  t.is(here.runtime.deadLetters.size, 0)
  t.deepEqual(here.runtime.bucket('events').trigger('read').ledger.disposed, { 'late-closed': 1 })
  t.deepEqual(leftovers(here), nothing)
})

test('an object that cannot be put again is not lost', async (t) => {
  const { here } = await late(t)
  here.runtime.bucket('events').seal()
  const [letter] = here.runtime.deadLetters.list()
  const { outcome, error } = await here.runtime.deadLetters.redrive(letter?.id ?? '').ended
  t.is(outcome, 'failed')
  t.regex(String(error), /sealed/)
  t.deepEqual(
    here.runtime.deadLetters.list().map(({ values }) => values),
    [['late']],
  )
  await here.runtime.close()
  t.is(here.store.usage.objects, 0)
})

test('an object of a bucket that is gone stays a dead letter too', async (t) => {
  const { here } = await late(t)
  here.runtime.bucket('events').delete()
  const [letter] = here.runtime.deadLetters.list()
  t.is((await here.runtime.deadLetters.redrive(letter?.id ?? '').ended).outcome, 'failed')
  t.is(here.runtime.deadLetters.size, 1)
})

test('an object that was late for one of several triggers is put again for that one only', async (t) => {
  const seen: string[] = []
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    parts.when(
      bySet({ keys: ['left', 'right'] }),
      app.fn<number>('join', () => void seen.push('join')),
      {
        deadline: 50,
        onDeadline: 'discard',
      },
    )
    parts.when(
      immediate(),
      app.fn<number>('each', () => void seen.push('each')),
      { scope: 'session' },
    )
    return { parts }
  })
  const here = await world(t, app)
  const session = here.runtime.session()
  await session.put(app.handles.parts, 'left', 1)
  here.clock.advance(50)
  await session.put(app.handles.parts, 'right', 1)
  await turns()
  t.deepEqual(seen, ['each', 'each'])
  const letters = here.runtime.deadLetters.list()
  t.deepEqual(
    letters.map((letter) => letter.kind === 'object' && letter.trigger),
    ['parts.join'],
  )
  here.runtime.deadLetters.discard(letters[0]?.id ?? '')
  await session.end()
  t.deepEqual(leftovers(here), nothing)
})

test('dead letters are bounded: the oldest makes room, and is counted', async (t) => {
  const app = defineApp('app', (app) =>
    app.fn('work', () => {
      throw new Error('no')
    }),
  )
  const here = await world(t, app, { limits: { maxDeadLetters: 2 } })
  for (let n = 0; n < 5; n += 1) await here.runtime.invoke(app.handles, n).ended
  t.is(here.runtime.deadLetters.size, 2)
  t.is(here.runtime.deadLetters.dropped, 3)
  t.deepEqual(
    here.runtime.deadLetters.list().map(({ values }) => values),
    [[3], [4]],
  )
  t.is(here.store.usage.objects, 2)
})

test('a dead letter that is not there is an error with its id', async (t) => {
  const app = defineApp('app', () => undefined)
  const { runtime } = await world(t, app)
  t.throws(() => runtime.deadLetters.redrive('dl-9'), { code: 'STG_DEAD_LETTER_UNKNOWN', message: /dl-9/ })
  t.throws(() => runtime.deadLetters.discard('dl-9'), { code: 'STG_DEAD_LETTER_UNKNOWN' })
})
