import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import test from 'ava'
import {
  byBatchSize,
  bySet,
  byTime,
  defineApp,
  dynamicGroup,
  dynamicJoin,
  immediate,
  redundant,
  StigmergyError,
} from 'stigmergy'
import { gate, leftovers, nothing, turns, until, world } from './world.js'

test('no more functions run at once than there are slots', async (t) => {
  let running = 0
  let most = 0
  const app = defineApp('app', (app) => {
    const work = app.bucket<number>('work')
    work.when(
      immediate(),
      app.fn<number>('work', async () => {
        running += 1
        most = Math.max(most, running)
        await turns(1)
        running -= 1
      }),
    )
    return app.fn('fan', (_fired, { put }) => {
      for (let n = 0; n < 50; n += 1) void put(work, undefined, n)
    })
  })
  const here = await world(t, app, { limits: { slots: 3 } })
  await here.runtime.invoke(app.handles, 1).ended
  t.is(most, 3)
  t.deepEqual(leftovers(here), nothing)
})

for (const [what, options] of [
  ['by the slots', {}],
  ['by the concurrency of their function', { concurrency: 1 }],
  ['by the order of their partition', { ordered: true }],
] as const)
  test(`firings that are kept waiting ${what} are counted and bounded`, async (t) => {
    const rest = gate()
    const app = defineApp('app', (app) => {
      const work = app.bucket<number>('work')
      const { concurrency } = options as { readonly concurrency?: number }
      work.when(
        immediate({ ordered: 'ordered' in options }),
        app.fn<number>('work', () => rest.passed, concurrency === undefined ? {} : { concurrency }),
      )
      return { work }
    })
    const slots = Object.keys(options).length === 0 ? 1 : 100
    const here = await world(t, app, { limits: { slots, maxQueued: 5, highWaterMark: 1_000 } })
    for (let n = 0; n < 6; n += 1) {
      t.is(await here.runtime.put(app.handles.work, undefined, n), 'admitted')
      await turns()
    }
    t.is(here.runtime.stats.invocations.queued, 5)
    const error = await t.throwsAsync(here.runtime.put(app.handles.work, undefined, 6), {
      code: 'STG_WORKER_BUSY',
    })
    t.true(StigmergyError.is(error) && error.retryable)
    t.is(here.store.usage.objects, 6)
    rest.open()
    await until(() => here.runtime.stats.sessions.live === 0)
    t.is(await here.runtime.put(app.handles.work, undefined, 6), 'admitted')
    await until(() => here.runtime.stats.sessions.live === 0)
    t.deepEqual(leftovers(here), nothing)
  })

test('above the high-water mark puts from outside get their answer when the queue is short again', async (t) => {
  const rest = gate()
  const app = defineApp('app', (app) => {
    const work = app.bucket<number>('work')
    work.when(
      immediate(),
      app.fn<number>('work', () => rest.passed),
    )
    return { work }
  })
  const here = await world(t, app, { limits: { slots: 1, highWaterMark: 2 } })
  const put = (n: number) => here.runtime.put(app.handles.work, undefined, n)
  await put(0)
  await turns()
  await put(1)
  let answered = false
  const third = put(2).then(() => (answered = true))
  await turns()
  t.false(answered)
  rest.open()
  await third
  await until(() => here.runtime.stats.sessions.live === 0)
  t.deepEqual(leftovers(here), nothing)
})

test('a put that is refused while the queue is long is refused, and nothing else', async (t) => {
  const rest = gate()
  const app = defineApp('app', (app) => {
    const work = app.bucket<Uint8Array>('work')
    work.when(
      immediate(),
      app.fn<Uint8Array>('work', () => rest.passed),
    )
    return { work }
  })
  const here = await world(t, app, {
    limits: { slots: 1, highWaterMark: 1 },
    store: { limitBytes: 100, waitMs: 50 },
  })
  await here.runtime.put(app.handles.work, undefined, new Uint8Array(10))
  await turns()
  void here.runtime.put(app.handles.work, undefined, new Uint8Array(10))
  const refused = here.runtime.put(app.handles.work, undefined, new Uint8Array(90))
  here.clock.advance(50)
  await t.throwsAsync(refused, { code: 'STG_STORE_FULL' })
  rest.open()
  await until(() => here.runtime.stats.sessions.live === 0)
  t.deepEqual(leftovers(here), nothing)
})

test('the event loop gets a turn while functions chase each other', async (t) => {
  let turnsTaken = 0
  let hops = 0
  const app = defineApp('app', (app) => {
    const loop = app.bucket<number>('loop')
    const hop = app.fn<number>('hop', ({ value }, { put }) => {
      hops += 1
      if (value > 0) void put(loop, undefined, value - 1)
    })
    loop.when(immediate({ maxHops: 1_000_000 }), hop)
    return hop
  })
  const here = await world(t, app)
  const ticking = setInterval(() => (turnsTaken += 1), 0)
  const session = here.runtime.invoke(app.handles, 60_000)
  await session.ended
  clearInterval(ticking)
  t.is(hops, 60_001)
  t.true(turnsTaken >= 2)
})

test('memory stays where it is over many sessions of every primitive', async (t) => {
  const app = defineApp('app', (app) => {
    const parts = app.bucket<number>('parts')
    const items = app.bucket<number>('items')
    const races = app.bucket<number>('races')
    const words = app.bucket<number>('words')
    const times = app.bucket<number>('times')
    const votes = app.bucket<number>('votes', { multi: true })
    const done = app.fn<number>('done', () => undefined)
    parts.when(bySet({ keys: ['a', 'b'] }), done)
    items.when(
      dynamicJoin({
        parallel: app.fn<number>('item', ({ value }, { put }) => void put(items, `r${value}`, value)),
      }),
      done,
    )
    races.when(redundant({ k: 1, n: 2 }), done)
    words.when(dynamicGroup({ producers: 'sealed' }), done)
    times.when(byTime({ every: 10 }), done)
    votes.when(byBatchSize({ count: 2 }), done, { scope: 'session' })
    return app.fn('all', (_fired, { put, closed }) => {
      for (const key of ['a', 'b']) void put(parts, key, 1)
      for (const value of [1, 2]) void put(items, `i${value}`, value, { role: 'item' })
      closed(items, { scope: 'items' })
      void put(races, undefined, 1)
      void put(words, undefined, 1, { group: 'g' })
      void put(times, undefined, 1)
      for (let n = 0; n < 3; n += 1) void put(votes, 'v', n)
    })
  })
  const here = await world(t, app, { limits: { maxTombstones: 100 } })
  here.events.length = 0
  const sessions = Number(process.env['STIGMERGY_SESSIONS'] ?? 3_000)
  const heapAfter = async (): Promise<number> => {
    for (let n = 0; n < sessions; n += 1) {
      const session = here.runtime.invoke(
        app.handles,
        1,
        n % 2 === 0 ? {} : { session: `named ${here.runtime.stats.sessions.began}` },
      )
      if (n % 50 === 0) {
        await until(() => here.runtime.stats.sessions.live <= 60)
        here.clock.advance(10)
        here.events.length = 0
      }
      if (n % 100 === 0) session.cancel()
    }
    await until(() => here.runtime.stats.sessions.live === 0)
    here.clock.advance(10)
    await until(() => here.store.usage.objects === 0)
    here.events.length = 0
    collectGarbage()
    return process.memoryUsage().heapUsed
  }
  await heapAfter()
  const before = await heapAfter()
  const after = await heapAfter()
  t.deepEqual(leftovers(here), nothing)
  for (const bucket of ['parts', 'items', 'races', 'words', 'votes'])
    t.deepEqual(
      here.runtime.bucket(bucket).triggers.map(({ partitions }) => partitions),
      [0],
      bucket,
    )
  // One object that is not let go per session would be more than this.
  t.true(after - before < sessions * 100, `${after - before} bytes more after ${sessions} sessions`)
})

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
}
