import test from 'ava'
import { byBatchSize, bySet, defineApp, immediate, StigmergyError, type ObjectRef } from 'stigmergy'
import { gate, keys, leftovers, nothing, ofType, turns, until, world } from './world.js'

function notes(options: { readonly multi?: boolean; readonly rememberKeys?: number } = {}) {
  return defineApp('app', (app) => {
    const notes = app.bucket<unknown>('notes', options)
    const read = app.fn('read', () => undefined)
    notes.when(immediate(), read)
    return { notes }
  })
}

test('the same content under the same key again is a duplicate, which no trigger sees', async (t) => {
  const app = notes()
  const here = await world(t, app)
  const session = here.runtime.session()
  t.is(await session.put(app.handles.notes, 'k', { deep: [1, new Uint8Array([2])] }), 'admitted')
  t.is(await session.put(app.handles.notes, 'k', { deep: [1, new Uint8Array([2])] }), 'duplicate')
  t.is(here.runtime.stats.firings, 1)
  t.is(here.runtime.stats.objects.duplicates, 1)
  t.deepEqual(
    ofType(here, 'object-duplicate').map(({ nondeterministic }) => nondeterministic),
    [false],
  )
})

test('other content under a taken key is a conflict, and nothing changes', async (t) => {
  const app = notes()
  const here = await world(t, app)
  const session = here.runtime.session()
  await session.put(app.handles.notes, 'k', 1)
  const error = await t.throwsAsync(session.put(app.handles.notes, 'k', 2), {
    code: 'STG_OBJECT_KEY_CONFLICT',
  })
  t.is(StigmergyError.is(error) ? error.details['key'] : undefined, 'k')
  t.is(here.runtime.stats.firings, 1)
  t.is(here.store.usage.objects, 1)
})

test('keys of different sessions, buckets and roles are different objects', async (t) => {
  const app = defineApp('app', (app) => ({ a: app.bucket<number>('a'), b: app.bucket<number>('b') }))
  const here = await world(t, app)
  const [first, second] = [here.runtime.session(), here.runtime.session()]
  const { a, b } = app.handles
  const outcomes = [
    await first.put(a, 'k', 1),
    await first.put(b, 'k', 2),
    await second.put(a, 'k', 3),
    await first.put(a, 'k', 4, { role: 'item' }),
    await here.runtime.put(a, 'k', 5),
  ]
  t.deepEqual(outcomes, ['admitted', 'admitted', 'admitted', 'admitted', 'admitted'])
})

test('names are fields: any characters, no two are confused', async (t) => {
  const seen: ObjectRef[] = []
  const app = defineApp('app', (app) => {
    const notes = app.bucket<string>('notes')
    notes.when(
      immediate(),
      app.fn<string>('read', ({ objects }) => void seen.push(...objects)),
    )
    return { notes }
  })
  const here = await world(t, app)
  const names = ['a|b', 'a:b', 'a', '\0', '__proto__', '["a","b"]', '🐜', 'é', 'e\u0301', 'x'.repeat(512)]
  for (const session of names)
    for (const key of names)
      t.is(await here.runtime.put(app.handles.notes, key, `${session}/${key}`, { session }), 'admitted')
  await turns()
  t.is(seen.length, names.length ** 2)
  t.is(new Set(seen.map(({ session, key }) => JSON.stringify([session, key]))).size, names.length ** 2)
})

test('names that cannot be are refused with the field and the reason', async (t) => {
  const app = notes()
  const { runtime } = await world(t, app)
  const { notes: bucket } = app.handles
  const long = 'é'.repeat(257)
  for (const key of ['', long, '\ud800', 5, null])
    await t.throwsAsync(runtime.put(bucket, key as string, 1), {
      code: 'STG_OBJECT_KEY_INVALID',
      message: /^key .*512/,
    })
  for (const session of [long, '\udc00', 5, null, {}])
    await t.throwsAsync(runtime.put(bucket, 'k', 1, { session: session as string }), {
      code: 'STG_OBJECT_KEY_INVALID',
      message: /^session /,
    })
  for (const [field, options] of [
    ['role', { role: '' }],
    ['producer', { producer: long }],
    ['id', { id: '' }],
    ['group', { group: '' }],
    ['group', { group: [] }],
    ['group', { group: ['a', ''] }],
    ['group', { group: Array.from({ length: 65 }, (_, n) => `g${n}`) }],
  ] as const)
    await t.throwsAsync(runtime.put(bucket, 'k', 1, options as object), {
      code: 'STG_OBJECT_KEY_INVALID',
      message: new RegExp(field),
    })
  t.is(runtime.stats.objects.put, 0)
})

test('put options that do not exist are refused, so that a misspelt session does not get lost', async (t) => {
  const app = notes()
  const { runtime } = await world(t, app)
  await t.throwsAsync(runtime.put(app.handles.notes, 'k', 1, { sesion: 's' } as object), {
    code: 'STG_CONFIG_INVALID',
    message: /sesion/,
  })
  await t.throwsAsync(runtime.put(app.handles.notes, 'k', 1, null as unknown as object), {
    instanceOf: TypeError,
  })
  for (const [field, options] of Object.entries({
    et: { et: 'today' },
    meta: { meta: 5 },
    group: { group: 5 },
  }))
    await t.throwsAsync(runtime.put(app.handles.notes, 'k', 1, options as object), {
      message: new RegExp(field),
    })
  t.is(runtime.stats.objects.put, 0)
})

test('an omitted key is made of the invocation and a count, the same in every attempt', async (t) => {
  const seen: string[] = []
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    parts.when(
      immediate(),
      app.fn<number>('read', ({ objects }) => void seen.push(...keys(objects))),
    )
    return app.fn(
      'feed',
      async (_fired, { put, attempt }) => {
        await put(parts, undefined, 1)
        await put(parts, undefined, attempt)
        if (attempt < 3) throw new Error('again')
      },
      { retries: { max: 2, backoffMs: 10 } },
    )
  })
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles, 1, { session: 's' })
  await turns()
  here.clock.advance(10)
  await turns()
  here.clock.advance(20)
  t.deepEqual(await session.ended, { outcome: 'succeeded' })
  t.deepEqual(seen, ['s/feed/0', 's/feed/1'])
  t.deepEqual(
    ofType(here, 'object-duplicate').map(({ object, nondeterministic }) => [object.key, nondeterministic]),
    [
      ['s/feed/0', false],
      ['s/feed/1', true],
      ['s/feed/0', false],
      ['s/feed/1', true],
    ],
  )
  t.deepEqual(leftovers(here), nothing)
})

test('each put into a multi bucket is an object of its own, numbered per key', async (t) => {
  const seen: (readonly [string, number | undefined])[] = []
  const app = defineApp('app', (app) => {
    const votes = app.bucket<number>('votes', { multi: true })
    votes.when(
      byBatchSize({ count: 3 }),
      app.fn<number>('count', ({ objects }) => {
        for (const { key, occurrence } of objects) seen.push([key, occurrence])
      }),
    )
    return { votes }
  })
  const { runtime } = await world(t, app)
  const session = runtime.session()
  for (const key of ['a', 'a', 'b']) t.is(await session.put(app.handles.votes, key, 1), 'admitted')
  await turns()
  t.deepEqual(seen, [
    ['a', 0],
    ['a', 1],
    ['b', 0],
  ])
})

test('puts of one key and one id into a multi bucket are one object', async (t) => {
  const app = notes({ multi: true })
  const here = await world(t, app)
  const session = here.runtime.session()
  const { notes: bucket } = app.handles
  t.is(await session.put(bucket, 'k', 1, { id: 'x' }), 'admitted')
  t.is(await session.put(bucket, 'k', 1, { id: 'x' }), 'duplicate')
  t.is(await session.put(bucket, 'k', 1, { id: 'y' }), 'admitted')
  t.is(await session.put(bucket, 'l', 1, { id: 'x' }), 'admitted')
})

test('an id is remembered in a multi bucket without a session too, as long as keys are', async (t) => {
  const app = notes({ multi: true, rememberKeys: 4 })
  const here = await world(t, app)
  const { notes: bucket } = app.handles
  t.is(await here.runtime.put(bucket, 'k', 1, { id: 'x' }), 'admitted')
  await until(() => here.store.usage.objects === 0)
  t.is(await here.runtime.put(bucket, 'k', 1, { id: 'x' }), 'duplicate')
  for (let n = 0; n < 8; n += 1) await here.runtime.put(bucket, 'k', 1, { id: `y${n}` })
  await until(() => here.store.usage.objects === 0)
  t.is(await here.runtime.put(bucket, 'k', 1, { id: 'x' }), 'admitted')
})

test('a retried attempt puts the same objects into a multi bucket', async (t) => {
  const app = defineApp('app', (app) => {
    const votes = app.bucket<number>('votes', { multi: true })
    return app.fn(
      'vote',
      async (_fired, { put, attempt }) => {
        await put(votes, 'a', 1)
        await put(votes, 'a', 1)
        await put(votes, undefined, 1)
        if (attempt === 1) throw new Error('again')
      },
      { retries: { max: 1, backoffMs: 0 } },
    )
  })
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles, 1)
  await turns()
  here.clock.advance(1)
  t.deepEqual(await session.ended, { outcome: 'succeeded' })
  t.is(here.runtime.stats.objects.put, 3)
  t.is(here.runtime.stats.objects.duplicates, 3)
})

test('without a session a key is free again when it has been forgotten', async (t) => {
  const app = notes({ rememberKeys: 2 })
  const here = await world(t, app)
  const { notes: bucket } = app.handles
  const put = (key: string) => here.runtime.put(bucket, key, 1)
  t.is(await put('a'), 'admitted')
  await until(() => here.store.usage.objects === 0)
  t.is(await put('a'), 'duplicate')
  t.is(here.runtime.stats.objects.duplicates, 1)
  for (const key of ['b', 'c', 'd']) await put(key)
  await until(() => here.store.usage.objects === 0)
  t.is(await put('a'), 'admitted')
})

test('with nothing to remember, a key without a session is taken while its object lives', async (t) => {
  const rest = gate()
  const app = defineApp('app', (app) => {
    const notes = app.bucket<number>('notes', { rememberKeys: 0 })
    notes.when(
      immediate(),
      app.fn<number>('read', () => rest.passed),
    )
    return { notes }
  })
  const here = await world(t, app)
  t.is(await here.runtime.put(app.handles.notes, 'a', 1), 'admitted')
  t.is(await here.runtime.put(app.handles.notes, 'a', 1), 'duplicate')
  await t.throwsAsync(here.runtime.put(app.handles.notes, 'a', 2), { code: 'STG_OBJECT_KEY_CONFLICT' })
  rest.open()
  await until(() => here.store.usage.objects === 0)
  t.is(await here.runtime.put(app.handles.notes, 'a', 2), 'admitted')
})

test('a put that was refused can be made again: its key was never taken', async (t) => {
  const rest = gate()
  const app = defineApp('app', (app) => {
    const notes = app.bucket<number>('notes')
    notes.when(
      byBatchSize({ count: 10 }),
      app.fn<number>('read', () => rest.passed),
      { maxPending: 1 },
    )
    return { notes }
  })
  const here = await world(t, app)
  const { notes: bucket } = app.handles
  await here.runtime.put(bucket, 'a', 1)
  await t.throwsAsync(here.runtime.put(bucket, 'b', 2), { code: 'STG_TRIGGER_BUSY' })
  t.is(here.store.usage.objects, 1)
  here.runtime.bucket('notes').trigger('read').flush()
  t.is(await here.runtime.put(bucket, 'b', 2), 'admitted')
})

test('a refused put into a multi bucket does not use up a number', async (t) => {
  const seen: (number | undefined)[] = []
  const app = defineApp('app', (app) => {
    const notes = app.bucket<number>('notes', { multi: true })
    const read = app.fn<number>('read', ({ objects }) => void seen.push(...objects.map((o) => o.occurrence)))
    notes.when(byBatchSize({ count: 10 }), read, { maxPending: 1 })
    return { notes }
  })
  const here = await world(t, app)
  const { notes: bucket } = app.handles
  const session = here.runtime.session()
  await session.put(bucket, 'a', 1)
  await t.throwsAsync(session.put(bucket, 'a', 2), { code: 'STG_TRIGGER_BUSY' })
  here.runtime.bucket('notes').trigger('read').flush()
  await session.put(bucket, 'a', 2)
  here.runtime.bucket('notes').trigger('read').flush()
  await turns()
  t.deepEqual(seen, [0, 1])
})

test('objects say who put them, how deep they are and what the putter said of them', async (t) => {
  const seen: ObjectRef[] = []
  const app = defineApp('app', (app) => {
    const first = app.bucket<number>('first')
    const second = app.bucket<number>('second')
    second.when(
      immediate(),
      app.fn<number>('last', ({ objects }) => void seen.push(...objects)),
    )
    first.when(
      immediate(),
      app.fn<number>(
        'middle',
        ({ value }, { put }) =>
          void put(second, 'k', value, {
            producer: 'mapper',
            group: ['g', 'h'],
            role: 'item',
            et: 5,
            meta: { colour: 'red' },
          }),
      ),
    )
    return { first }
  })
  const { runtime } = await world(t, app)
  await runtime.put(app.handles.first, 'k', 1, { session: 's', producer: 'outside', group: 'g' })
  await until(() => seen.length === 1)
  const [object] = seen
  t.like(object, {
    bucket: 'second',
    session: 's',
    key: 'k',
    seq: 1,
    at: 1_000,
    bytes: 8,
    hops: 1,
    role: 'item',
    et: 5,
  })
  t.like(object?.producer, { fn: 'middle', attempt: 1, name: 'mapper' })
  t.deepEqual(object?.groups, ['g', 'h'])
  t.deepEqual(object?.meta, { colour: 'red' })
})

test('objects join with what they are, not with where they come from', async (t) => {
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    const join = app.fn<number, number>('join', ({ objects }, { reply }) =>
      reply(objects.reduce((sum, { value }) => sum + value, 0)),
    )
    parts.when(bySet({ keys: ['left', 'right'] }), join)
    const left = app.fn<number, number>('left', ({ value }, { put }) => void put(parts, 'left', value))
    return { parts, left }
  })
  const { runtime } = await world(t, app)
  const rest = runtime.invoke(app.handles.left, 1, { session: 's' })
  t.is(await runtime.put(app.handles.parts, 'right', 2, { session: 's' }), 'admitted')
  t.is(await rest.result, 3)
})
