import test from 'ava'
import {
  bySet,
  defineApp,
  defineRuntime,
  dynamicJoin,
  type FunctionOptions,
  immediate,
  start,
  StigmergyError,
  type TriggerOptions,
} from 'stigmergy'

const noop = (): void => undefined

test('a definition is complete when it returns: nothing can be added afterwards', (t) => {
  let later: (() => void)[] = []
  const app = defineApp('app', (app) => {
    const notes = app.bucket<number>('notes')
    const fn = app.fn<number>('read', noop)
    later = [() => app.bucket('more'), () => app.fn('more', noop), () => notes.when(immediate(), fn)]
  })
  for (const add of later) t.throws(add, { code: 'STG_CONFIG_INVALID', message: /app.*defined/ })
  t.deepEqual([...app.manifest.functions.keys()], ['read'])
})

test('a definition that is asynchronous is refused', (t) => {
  t.throws(() => defineApp('app', async (app) => app.fn('f', noop)), {
    code: 'STG_CONFIG_INVALID',
    message: /synchronous|async/,
  })
  t.throws(() => defineApp('app', undefined as never), { instanceOf: TypeError })
})

test('names can be any text of 1 to 512 bytes, once each', (t) => {
  for (const name of ['', 'x'.repeat(513), '\ud800', 5, undefined] as string[]) {
    t.throws(() => defineApp(name, noop), { code: 'STG_CONFIG_NAME' })
    t.throws(() => defineApp('app', (app) => app.bucket(name)), {
      code: 'STG_CONFIG_NAME',
      message: /bucket/,
    })
    t.throws(() => defineApp('app', (app) => app.fn(name, noop)), {
      code: 'STG_CONFIG_NAME',
      message: /function/,
    })
  }
  t.throws(() => defineApp('app', (app) => [app.bucket('twice'), app.bucket('twice')]), {
    code: 'STG_CONFIG_NAME',
    message: /twice/,
  })
  t.throws(() => defineApp('app', (app) => [app.fn('twice', noop), app.fn('twice', noop)]), {
    code: 'STG_CONFIG_NAME',
  })
  t.notThrows(() =>
    defineApp('🐜', (app) => [
      app.bucket('__proto__'),
      app.fn('constructor', noop),
      app.fn('x'.repeat(512), noop),
    ]),
  )
})

test('names that objects inherit are names like others', async (t) => {
  const seen: string[] = []
  const app = defineApp('app', (app) => {
    const bucket = app.bucket<number>('__proto__')
    bucket.when(
      immediate(),
      app.fn<number>('toString', () => void seen.push('ran')),
    )
    return { bucket }
  })
  await using runtime = await start(defineRuntime(), app)
  await runtime.put(app.handles.bucket, '__proto__', 1, { session: 'constructor' })
  t.is(runtime.bucket('__proto__').trigger('toString').ledger.fired, 1)
})

test('a trigger needs a spec and a function of the same app', (t) => {
  const other = defineApp('other', (app) => app.fn<number>('read', noop))
  t.throws(() => defineApp('app', (app) => app.bucket<number>('b').when(immediate(), other.handles)), {
    code: 'STG_FUNCTION_UNKNOWN',
    message: /app\.fn of app/,
  })
  t.throws(
    () =>
      defineApp('app', (app) => app.bucket<number>('b').when(undefined as never, app.fn<number>('f', noop))),
    {
      code: 'STG_CONFIG_INVALID',
      message: /immediate\(\)/,
    },
  )
  t.throws(() => defineApp('app', (app) => app.fn('f', 'handler' as never)), {
    instanceOf: TypeError,
    message: /"f"/,
  })
})

const functionOptions: readonly (readonly [string, unknown])[] = [
  ['concurrency', { concurrency: 0 }],
  ['concurrency', { concurrency: 1.5 }],
  ['timeoutMs', { timeoutMs: 0 }],
  ['timeoutMs', { timeoutMs: Number.NaN }],
  ['timeoutMs', { timeoutMs: 31_536_000_001 }],
  ['retries', { retries: -1 }],
  ['retries', { retries: { max: 1, pause: 5 } }],
  ['retries', { retries: { backoffMs: 5 } }],
  ['retries', { retries: { max: 1, factor: 0.5 } }],
  ['puts', { puts: ['parts'] }],
  ['puts', { puts: 'parts' }],
  ['timeout', { timeout: 5 }],
  ['options', null],
]

for (const [field, options] of functionOptions)
  test(`function options ${JSON.stringify(options)} are refused by their field`, (t) => {
    const error = t.throws(
      () => defineApp('app', (app) => app.fn('work', noop, options as FunctionOptions)),
      {
        code: 'STG_CONFIG_INVALID',
        message: new RegExp(`function work.*${field}`),
      },
    )
    t.is(StigmergyError.is(error) ? error.details['field'] : undefined, field)
  })

const triggerOptions: readonly (readonly [string, unknown])[] = [
  ['name', { name: '' }],
  ['scope', { scope: 'app' }],
  ['filter', { filter: true }],
  ['partitionBy', { partitionBy: 'key' }],
  ['deadline', { deadline: 0 }],
  ['deadline', { deadline: '1s' }],
  ['onDeadline', { onDeadline: 'explode' }],
  ['onDeadline', { onDeadline: { fallback: 5 } }],
  ['onLate', { onLate: 'keep' }],
  ['onSessionEnd', { onSessionEnd: 'fire' }],
  ['onOverflow', { onOverflow: 'dropAll' }],
  ['onOverflow', { onOverflow: 'dropOldest' }],
  ['dropCancelled', { dropCancelled: true }],
  ['onFault', { onFault: 'ignore' }],
  ['since', { since: 'yesterday' }],
  ['since', { since: { seq: -1 } }],
  ['since', { since: {} }],
  ['order', { order: 'random' }],
  ['maxPending', { maxPending: 0 }],
  ['maxPendingBytes', { maxPendingBytes: -1 }],
  ['maxPartitions', { maxPartitions: 1.5 }],
  ['expect', { expect: [{ source: 'produce' }] }],
  ['expect', { expect: [{ source: 'produce', timeoutMs: 0 }] }],
  ['expect', { expect: { source: 'produce', timeoutMs: 5 } }],
  ['colour', { colour: 'red' }],
  ['options', null],
]

for (const [field, options] of triggerOptions)
  test(`trigger options ${JSON.stringify(options)} are refused by their field`, async (t) => {
    const app = defineApp('app', (app) => {
      app.fn<number>('produce', noop)
      // DynamicJoin cannot forget an object, so that it cannot drop the oldest either.
      app
        .bucket<number>('parts')
        .when(
          dynamicJoin({ parallel: 'produce' }),
          app.fn<number>('join', noop),
          options as TriggerOptions<number>,
        )
    })
    const error = await t.throwsAsync(start(defineRuntime(), app), {
      code: 'STG_CONFIG_INVALID',
      message: new RegExp(`parts.*${field}`),
    })
    t.is(StigmergyError.is(error) ? error.details['field'] : undefined, field)
  })

test('triggers name functions that there are', async (t) => {
  const appOf = (options: TriggerOptions<number>, parallel = 'work') =>
    defineApp('app', (app) => {
      app.fn<number>('work', noop)
      app.bucket<number>('parts').when(dynamicJoin({ parallel }), app.fn<number>('join', noop), options)
    })
  const unknown = { code: 'STG_FUNCTION_UNKNOWN', message: /parts\.join.*nobody/ } as const
  await t.throwsAsync(start(defineRuntime(), appOf({}, 'nobody')), unknown)
  await t.throwsAsync(
    start(defineRuntime(), appOf({ deadline: 5, onDeadline: { fallback: 'nobody' } })),
    unknown,
  )
  await t.throwsAsync(
    start(defineRuntime(), appOf({ expect: [{ source: 'nobody', timeoutMs: 5 }] })),
    unknown,
  )
})

test('two triggers of one bucket need two names', async (t) => {
  const appOf = (name: string | undefined) =>
    defineApp('app', (app) => {
      const read = app.fn<number>('read', noop)
      app
        .bucket<number>('notes')
        .when(immediate(), read)
        .when(immediate(), read, name === undefined ? {} : { name })
    })
  await t.throwsAsync(start(defineRuntime(), appOf(undefined)), {
    code: 'STG_CONFIG_NAME',
    message: /notes.*read.*name one/,
  })
  await using runtime = await start(defineRuntime(), appOf('second'))
  t.deepEqual(
    runtime.bucket('notes').triggers.map(({ id }) => id),
    ['notes.read', 'notes.second'],
  )
})

test('options of a primitive are checked by its schema, and told with the trigger', async (t) => {
  const app = defineApp('app', (app) =>
    app.bucket<number>('parts').when(bySet({ keys: [] }), app.fn<number>('join', noop)),
  )
  await t.throwsAsync(start(defineRuntime(), app), { code: 'STG_OPTIONS_INVALID', message: /parts.*keys/ })
})

test('what the runtime is asked with is checked', async (t) => {
  const app = defineApp('app', (app) => ({ notes: app.bucket<number>('notes'), read: app.fn('read', noop) }))
  await using runtime = await start(defineRuntime(), app)
  t.throws(() => runtime.invoke('unknown'), { code: 'STG_FUNCTION_UNKNOWN', message: /unknown.*read/ })
  t.throws(() => runtime.invoke(undefined as never, 1), { instanceOf: TypeError })
  t.throws(() => runtime.invoke({ app: 'elsewhere', fn: 'read' }, 1), {
    code: 'STG_CONFIG_NAME',
    message: /elsewhere/,
  })
  await t.throwsAsync(runtime.put('unknown', 'k', 1), {
    code: 'STG_BUCKET_UNKNOWN',
    message: /unknown.*notes/,
  })
  await t.throwsAsync(runtime.put(undefined as never, 'k', 1), { instanceOf: TypeError })
  t.throws(() => runtime.bucket('unknown'), { code: 'STG_BUCKET_UNKNOWN' })
  t.throws(() => runtime.bucket('notes').trigger('unknown'), {
    code: 'STG_TRIGGER_UNKNOWN',
    message: /unknown/,
  })
  t.throws(() => runtime.on('listener' as never), { instanceOf: TypeError })
  for (const [field, options] of [
    ['session', { session: 5 }],
    ['deadlineMs', { deadlineMs: 0 }],
    ['signal', { signal: 'stop' }],
    ['timeout', { timeout: 5 }],
  ] as const)
    for (const ask of [
      () => runtime.invoke('read', 1, options as object),
      () => runtime.session(options as object),
    ])
      t.throws(ask, { code: 'STG_CONFIG_INVALID', message: new RegExp(field) }, field)
  t.throws(() => runtime.invoke('read', 1, { session: 'x'.repeat(513) }), { code: 'STG_OBJECT_KEY_INVALID' })
  t.is(runtime.stats.sessions.began, 0)
})

test('apps to be started must be apps', async (t) => {
  for (const apps of [undefined, null, {}, [undefined], 'app'])
    await t.throwsAsync(async () => start(defineRuntime(), apps as never), { instanceOf: TypeError })
})
