import test from 'ava'
import {
  type AnyPlugin,
  defineApp,
  definePlugin,
  defineRuntime,
  type FifoQueue,
  immediate,
  MemoryObjectStore,
  primitive,
  provide,
  provideNew,
  type Runnable,
  type RuntimeConfig,
  type StandardSchemaV1,
  start,
  StigmergyError,
  SystemClock,
  token,
  Tokens,
  Trigger,
} from 'stigmergy'
import { defineRuntime as defineBareRuntime } from '@stigmergy/core'
import { turns, until } from './world.js'

const empty = defineApp('empty', () => undefined)

const anyOptions: StandardSchemaV1<unknown, object> = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as object }) },
}

function primitiveCalled(name: string) {
  @primitive({ name, scope: 'session', stateVersion: 1, options: anyOptions })
  class Some extends Trigger<object, null> {
    initialState() {
      return null
    }
    onObject() {
      return []
    }
    describe() {
      return { held: [], awaiting: {} }
    }
  }
  return Some
}

test('a config is checked field by field, before anything starts', (t) => {
  for (const [field, config] of [
    ['colour', { colour: 'red' }],
    ['primitives', { primitives: {} }],
    ['plugins', { plugins: 'metrics' }],
    ['provide', { provide: Tokens }],
    ['provide', { provide: [undefined] }],
    ['limits', { limits: 5 }],
    ['slots', { limits: { slots: 0 } }],
    ['maxQueued', { limits: { maxQueued: 1.5 } }],
    ['sessionIdleMs', { limits: { sessionIdleMs: '1s' } }],
    ['maxBananas', { limits: { maxBananas: 1 } }],
  ] as const)
    t.throws(
      () => defineRuntime(config as unknown as RuntimeConfig),
      { code: 'STG_CONFIG_INVALID', message: new RegExp(field) },
      field,
    )
  t.throws(() => defineRuntime(null as unknown as RuntimeConfig))
})

test('primitives are checked: their metadata, and that no two share a name', (t) => {
  class Bare {}
  t.throws(() => defineRuntime({ primitives: [Bare as never] }), {
    code: 'STG_PRIMITIVE_INVALID',
    message: /Bare.*@primitive/,
  })
  t.throws(() => defineRuntime({ primitives: [undefined as never] }), { code: 'STG_PRIMITIVE_INVALID' })
  t.throws(() => defineRuntime({ primitives: [primitiveCalled('immediate')] }), {
    code: 'STG_CONFIG_NAME',
    message: /immediate/,
  })
  const same = primitiveCalled('same')
  t.notThrows(() => defineRuntime({ primitives: [same, same] }))
})

test('parts are as they are provided, the last one of each seam', async (t) => {
  const [first, second] = [new MemoryObjectStore(), new MemoryObjectStore()]
  const app = defineApp('app', (app) => ({ notes: app.bucket<number>('notes') }))
  const definition = defineRuntime({
    provide: [provide(Tokens.ObjectStore, first), provide(Tokens.ObjectStore, second)],
  })
  await using runtime = await start(definition, app)
  await runtime.session().put(app.handles.notes, 'a', 1)
  t.deepEqual([first.usage.objects, second.usage.objects], [0, 1])
})

test('a part that is given stays its owner’s, and one that is made is closed with the runtime', async (t) => {
  const closed: string[] = []
  class Store extends MemoryObjectStore {
    constructor(readonly name: string) {
      super()
    }
    override async close(): Promise<void> {
      closed.push(this.name)
      await super.close()
    }
  }
  const given = new Store('given')
  await (await start(defineRuntime({ provide: [provide(Tokens.ObjectStore, given)] }), empty)).close()
  t.deepEqual(closed, [])
  const made = defineRuntime({ provide: [provideNew(Tokens.ObjectStore, () => new Store('made'))] })
  const [one, two] = [await start(made, empty), await start(made, empty)]
  await one.close()
  t.deepEqual(closed, ['made'])
  await two.close()
  t.deepEqual(closed, ['made', 'made'])
})

test('a part is made of others, in whatever order they are written', async (t) => {
  const Name = token<string>('Name')
  const Greeting = token<string>('Greeting')
  const seen: string[] = []
  const definition = defineRuntime({
    provide: [
      provideNew(Greeting, ({ name }) => `hello ${name}`, { name: Name }),
      provideNew(Name, () => 'ant'),
    ],
    plugins: [
      definePlugin({
        name: 'reader',
        needs: { greeting: Greeting },
        start: ({ greeting }) => void seen.push(greeting),
      }),
    ],
  })
  await using _runtime = await start(definition, empty)
  t.deepEqual(seen, ['hello ant'])
})

test('a part that is made of what nobody provides, or of itself, is told by name', async (t) => {
  const [Missing, One, Two] = [token<string>('Missing'), token<string>('One'), token<string>('Two')]
  const missing = { provide: [provideNew(One, ({ missing }) => missing, { missing: Missing })] }
  const cycle = {
    provide: [
      provideNew(One, ({ two }) => two, { two: Two }),
      provideNew(Two, ({ one }) => one, { one: One }),
    ],
  }
  await t.throwsAsync(async () => start(defineRuntime(missing), empty), {
    code: 'STG_CONFIG_INVALID',
    message: /Missing/,
  })
  await t.throwsAsync(async () => start(defineRuntime(cycle), empty), {
    code: 'STG_CONFIG_INVALID',
    message: /One|Two/,
  })
})

test('a runtime without a store is refused with the remedy', async (t) => {
  await t.throwsAsync(start(defineBareRuntime(), empty), {
    code: 'STG_CONFIG_INVALID',
    message: /Tokens\.ObjectStore/,
  })
})

test('plugins start after those who provide what they need, and close in reverse', async (t) => {
  const log: string[] = []
  const Meter = token<{ readonly unit: string }>('Meter')
  const plugin = (name: string): AnyPlugin => ({
    name,
    start: () => {
      log.push(`${name} starts`)
      return { [Symbol.asyncDispose]: async () => void log.push(`${name} ends`) }
    },
  })
  const reader = definePlugin({
    name: 'reader',
    needs: { meter: Meter, clock: Tokens.Clock },
    start: ({ meter, clock }) => {
      log.push(`reader starts with ${meter.unit}, ${clock instanceof SystemClock}`)
      return { close: () => void log.push('reader ends') }
    },
  })
  const meter = definePlugin({
    name: 'meter',
    provides: Meter,
    start: async () => {
      await turns(1)
      log.push('meter starts')
      return { unit: 'ms', [Symbol.dispose]: () => void log.push('meter ends') }
    },
  })
  const runtime = await start(
    defineRuntime({ plugins: [plugin('first'), reader, meter, plugin('last')] }),
    empty,
  )
  await runtime.close()
  t.deepEqual(log, [
    'first starts',
    'meter starts',
    'reader starts with ms, true',
    'last starts',
    'last ends',
    'reader ends',
    'meter ends',
    'first ends',
  ])
})

test('plugins whose needs cannot be met are refused by name', (t) => {
  const [A, B] = [token<number>('A'), token<number>('B')]
  const needing = (name: string, needs: Record<string, symbol>, provides?: symbol): AnyPlugin => ({
    name,
    needs,
    ...(provides === undefined ? {} : { provides }),
    start: () => 1,
  })
  const refused = (plugins: readonly AnyPlugin[], message: RegExp) =>
    t.throws(() => defineRuntime({ plugins }), { code: 'STG_CONFIG_PLUGIN', message })
  refused([needing('lonely', { a: A })], /lonely needs a \(A\)/)
  refused([needing('misspelt', { a: undefined as unknown as symbol })], /misspelt needs a/)
  refused([needing('one', { b: B }, A), needing('two', { a: A }, B)], /one → two → one/)
  refused([needing('self', { a: A }, A)], /self → self/)
  refused([needing('one', {}, A), needing('two', {}, A)], /one and two both provide A/)
  refused([needing('same', {}), needing('same', {})], /same/)
  refused([{ name: '' }], /definePlugin/)
  refused([undefined as unknown as AnyPlugin], /definePlugin/)
  refused([{ name: 'empty promise', provides: A }], /empty promise.*A.*start/)
})

test('a plugin that needs a seam that nobody has filled is refused by name', async (t) => {
  const plugin = definePlugin({
    name: 'storing',
    needs: { store: Tokens.ObjectStore },
    start: () => undefined,
  })
  await t.throwsAsync(async () => start(defineBareRuntime({ plugins: [plugin] }), empty), {
    message: /ObjectStore/,
  })
})

test('a plugin that fails to start is told with its cause, and those before it are closed', async (t) => {
  const log: string[] = []
  const cause = new Error('no network')
  const plugins: readonly AnyPlugin[] = [
    { name: 'fine', start: () => ({ close: () => void log.push('fine ends') }) },
    { name: 'stubborn', start: () => ({ close: () => Promise.reject(new Error('will not close')) }) },
    { name: 'broken', start: () => Promise.reject(cause) },
    { name: 'never', start: () => void log.push('never starts') },
  ]
  const error = await t.throwsAsync(start(defineRuntime({ plugins }), empty), {
    code: 'STG_CONFIG_PLUGIN',
    message: /broken.*no network/,
  })
  t.is(error?.cause, cause)
  t.deepEqual(log, ['fine ends'])
})

test('parts that fail to close hinder none of the others, and are told together', async (t) => {
  const log: string[] = []
  const closing = (name: string, error?: Error): AnyPlugin => ({
    name,
    start: () => ({
      close: () => {
        log.push(name)
        if (error !== undefined) throw error
      },
    }),
  })
  const [one, two] = [new Error('one'), new Error('two')]
  const runtime = await start(
    defineRuntime({ plugins: [closing('a', one), closing('b'), closing('c', two)] }),
    empty,
  )
  const error = await t.throwsAsync<AggregateError>(runtime.close(), { instanceOf: AggregateError })
  t.deepEqual(error?.errors, [two, one])
  t.deepEqual(log, ['c', 'b', 'a'])
  await t.throwsAsync(runtime.close(), { instanceOf: AggregateError })
})

test('a plugin brings primitives along', async (t) => {
  const app = defineApp('app', (app) => {
    const notes = app.bucket<number>('notes')
    notes.when(
      { primitive: 'extra', options: {} },
      app.fn<number>('read', () => undefined),
    )
    return { notes }
  })
  await t.throwsAsync(start(defineRuntime(), app), {
    code: 'STG_PRIMITIVE_UNKNOWN',
    message: /extra.*notes|notes.*extra/,
  })
  const plugin: AnyPlugin = { name: 'extra', primitives: [primitiveCalled('extra')] }
  await using runtime = await start(defineRuntime({ plugins: [plugin] }), app)
  t.is(await runtime.put(app.handles.notes, 'k', 1), 'admitted')
})

test('a plugin may listen to what happens', async (t) => {
  const heard: string[] = []
  const listening = definePlugin({
    name: 'listening',
    needs: { events: Tokens.Events },
    start: ({ events }) => events.subscribe(({ type }) => void heard.push(type)),
  })
  const app = defineApp('app', (app) => app.fn('noop', () => undefined))
  const runtime = await start(defineRuntime({ plugins: [listening] }), app)
  await runtime.invoke(app.handles, 1).ended
  await runtime.close()
  t.deepEqual(heard, ['session-began', 'function-started', 'function-ended', 'session-ended'])
})

test('two runtimes of one definition share nothing', async (t) => {
  const app = defineApp('app', (app) => {
    const notes = app.bucket<number>('notes')
    notes.when(
      immediate(),
      app.fn<number>('read', () => undefined),
    )
    return { notes }
  })
  const definition = defineRuntime()
  await using one = await start(definition, app)
  await using two = await start(definition, app)
  t.is(await one.put(app.handles.notes, 'k', 1, { session: 's' }), 'admitted')
  t.is(await two.put(app.handles.notes, 'k', 2, { session: 's' }), 'admitted')
  await two.close()
  t.is(await one.put(app.handles.notes, 'k', 1, { session: 's' }), 'duplicate')
  t.is(one.stats.objects.put, 1)
})

test('apps of one runtime have names, functions and buckets of their own', async (t) => {
  const seen: string[] = []
  const appOf = (name: string) =>
    defineApp(name, (app) => {
      const notes = app.bucket<number>('notes')
      notes.when(
        immediate(),
        app.fn<number>('read', ({ value }) => void seen.push(`${name} ${value}`)),
      )
      return { notes, only: app.fn(`only ${name}`, () => void seen.push(`only ${name}`)) }
    })
  const [one, two] = [appOf('one'), appOf('two')]
  await using runtime = await start(defineRuntime(), [one, two])
  await runtime.put(one.handles.notes, 'k', 1)
  await runtime.put(two.handles.notes, 'k', 2)
  await until(() => seen.length === 2)
  t.deepEqual(seen, ['one 1', 'two 2'])
  await runtime.invoke('only two').ended
  t.is(seen[2], 'only two')
  t.throws(() => runtime.invoke('read', 1), { code: 'STG_CONFIG_NAME', message: /several apps/ })
  await t.throwsAsync(runtime.put('notes', 'k', 1), { code: 'STG_CONFIG_NAME', message: /several apps/ })
  t.throws(() => runtime.createBucket('more'), { code: 'STG_CONFIG_NAME', message: /several apps/ })
  t.is(runtime.createBucket('more', { app: 'two' }).app, 'two')
  await t.throwsAsync(start(defineRuntime(), [one, appOf('one')]), {
    code: 'STG_CONFIG_NAME',
    message: /one/,
  })
})

test('firings of two apps in one runtime do not share sessions', async (t) => {
  const sessions: string[] = []
  const appOf = (name: string) =>
    defineApp(name, (app) => {
      const notes = app.bucket<number>('notes')
      notes.when(
        immediate(),
        app.fn<number>('read', (_fired, { session }) => void sessions.push(session)),
      )
      return { notes }
    })
  const [one, two] = [appOf('one'), appOf('two')]
  await using runtime = await start(defineRuntime(), [one, two])
  await runtime.put(one.handles.notes, 'k', 1)
  await runtime.put(two.handles.notes, 'k', 1)
  await until(() => sessions.length === 2)
  t.is(new Set(sessions).size, 2)
})

test('a function of one app cannot put into a bucket of another', async (t) => {
  const other = defineApp('other', (app) => ({ notes: app.bucket<number>('notes') }))
  const app = defineApp('app', (app) => ({
    notes: app.bucket<number>('notes'),
    stray: app.fn('stray', (_fired, { put }) => void put(other.handles.notes, 'k', 1)),
  }))
  await using runtime = await start(defineRuntime(), [app, other])
  const { outcome, error } = await runtime.invoke(app.handles.stray, 1).ended
  t.is(outcome, 'failed')
  t.true(StigmergyError.is(error?.cause, 'STG_BUCKET_UNKNOWN'))
  t.regex(error?.message ?? '', /other/)
})

test('a function cannot declare puts into a bucket of another app', async (t) => {
  const other = defineApp('other', (app) => ({ notes: app.bucket<number>('notes') }))
  const app = defineApp('app', (app) => {
    app.bucket<number>('notes')
    app.fn('stray', () => undefined, { puts: [other.handles.notes] })
  })
  await t.throwsAsync(start(defineRuntime(), [app, other]), {
    code: 'STG_BUCKET_UNKNOWN',
    message: /other|notes/,
  })
})

test('another run queue decides what runs first', async (t) => {
  class LastFirst {
    readonly #items: Runnable[] = []
    get size(): number {
      return this.#items.length
    }
    push(item: Runnable): void {
      this.#items.push(item)
    }
    shift(): Runnable | undefined {
      return this.#items.pop()
    }
  }
  const order: number[] = []
  const app = defineApp('app', (app) => {
    const work = app.bucket<number>('work')
    work.when(
      immediate(),
      app.fn<number>('work', ({ value }) => void order.push(value)),
    )
    return app.fn('fan', (_fired, { put }) => {
      for (const value of [1, 2, 3]) void put(work, undefined, value)
    })
  })
  const queue: Pick<FifoQueue, 'size' | 'push' | 'shift'> = new LastFirst()
  await using runtime = await start(defineRuntime({ provide: [provide(Tokens.RunQueue, queue)] }), app)
  await runtime.invoke(app.handles, 1).ended
  t.deepEqual(order, [3, 2, 1])
})

test('a runtime remarks on triggers that may wait for ever', async (t) => {
  const app = defineApp('app', (app) => {
    const events = app.bucket<number>('events')
    events.when(
      { primitive: 'by-batch-size', options: { count: 5 } },
      app.fn<number>('batch', () => undefined),
    )
    return { events }
  })
  await using runtime = await start(defineRuntime(), app)
  t.deepEqual(
    runtime.warnings.map(({ trigger, code }) => `${trigger} ${code}`),
    ['events.batch can-wait-for-ever'],
  )
})
