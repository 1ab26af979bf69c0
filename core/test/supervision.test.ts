import test from 'ava'
import { bySet, defineApp, immediate, StigmergyError } from 'stigmergy'
import { gate, leftovers, nothing, ofType, turns, until, world, type World } from './world.js'

function discardLetters({ runtime }: World): void {
  for (const { id } of runtime.deadLetters.list()) runtime.deadLetters.discard(id)
}

/** Lets time pass in steps, with everything in between that can happen. */
async function pass({ clock }: World, ms: number, step = 10): Promise<void> {
  await turns(2)
  for (let passed = 0; passed < ms; passed += step) {
    clock.advance(step)
    await turns(2)
  }
}

/** A join of `left` and `right`, where `left` comes from a supervised producer that behaves as the test says. */
function supervised(
  produce: (attempt: number, put: (key: string, value?: string) => Promise<unknown>) => Promise<void>,
  expected: { readonly key?: string; readonly maxAttempts?: number; readonly backoffMs?: number } = {
    key: 'left',
  },
) {
  return defineApp('app', (app) => {
    const parts = app.bucket<string>('parts')
    const produceLeft = app.fn('produce', (_fired, { put, attempt }) =>
      produce(attempt, (key, value = `${key} ${attempt}`) => put(parts, key, value)),
    )
    parts.when(
      bySet({ keys: ['left', 'right'] }),
      app.fn<string, string>('join', ({ objects }, { reply }) =>
        reply(objects.map(({ value }) => value).join()),
      ),
      { expect: [{ source: produceLeft, timeoutMs: 100, backoffMs: 50, ...expected }] },
    )
    return { parts, produce: produceLeft }
  })
}

test('a producer that does not deliver in time runs again beside itself, and the first object wins', async (t) => {
  const slow = gate()
  const outcomes: string[] = []
  const app = supervised(async (attempt, put) => {
    if (attempt === 1) await slow.passed
    outcomes.push(`${attempt} ${String(await put('left'))}`)
  })
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles.produce, 1)
  await here.runtime.put(app.handles.parts, 'right', 'right', { session: session.id })
  await pass(here, 140)
  t.is(here.runtime.stats.invocations.started, 1)
  await pass(here, 10)
  t.is(await session.result, 'left 2,right')
  slow.open()
  await session.ended
  t.deepEqual(outcomes[0], '2 admitted')
  t.is(ofType(here, 'object-put').length, 2)
  t.deepEqual(leftovers(here), nothing)
})

test('an object that nobody awaits does not stop the supervision', async (t) => {
  let runs = 0
  const app = supervised(async (attempt, put) => {
    runs += 1
    if (attempt === 1) await put('unrelated')
    else await put('left')
    if (attempt === 1) await new Promise(() => undefined)
  })
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles.produce, 1)
  await here.runtime.put(app.handles.parts, 'right', 'right', { session: session.id })
  await pass(here, 150)
  t.is(await session.result, 'left 2,right')
  t.is(runs, 2)
  t.deepEqual(await session.ended, { outcome: 'succeeded' })
  t.deepEqual(leftovers(here), nothing)
})

test('a producer that hangs for ever runs at most so often, with growing pauses, and then the join is impossible', async (t) => {
  const at: number[] = []
  let now = (): number => 0
  const app = supervised(async () => {
    at.push(now())
    await new Promise(() => undefined)
  })
  const here = await world(t, app)
  now = () => here.clock.now() - 1_000
  const session = here.runtime.invoke(app.handles.produce, 1)
  await pass(here, 1_000)
  const { outcome, error } = await session.ended
  t.is(outcome, 'failed')
  // 100 ms to deliver, 50 ms of pause, 100 ms to deliver, 100 ms of pause, 100 ms to deliver.
  t.deepEqual(at, [0, 150, 350])
  t.true(StigmergyError.is(error, 'STG_RERUN_EXHAUSTED'))
  t.regex(error?.message ?? '', /left.*3 attempts/)
  t.deepEqual(
    ofType(here, 'trigger-unsatisfied').map(({ report }) => report.missing),
    [['left', 'right']],
  )
  discardLetters(here)
  t.deepEqual(leftovers(here), nothing)
})

test('a producer that throws runs again while its object is awaited, as often as is said', async (t) => {
  const at: number[] = []
  let now = (): number => 0
  const app = supervised(async () => {
    at.push(now())
    throw new Error('again')
  })
  const here = await world(t, app)
  now = () => here.clock.now() - 1_000
  const session = here.runtime.invoke(app.handles.produce, 1)
  await pass(here, 1_000)
  t.is((await session.ended).outcome, 'failed')
  t.deepEqual(at, [0, 50, 150])
  discardLetters(here)
  t.deepEqual(leftovers(here), nothing)
})

test('each attempt has its whole time, also after one that failed early', async (t) => {
  const at: string[] = []
  let now = (): number => 0
  const app = supervised(async (attempt, put) => {
    at.push(`${attempt} at ${now()}`)
    if (attempt === 1) throw new Error('at once')
    if (attempt === 3) await put('left')
    else await new Promise(() => undefined)
  })
  const here = await world(t, app)
  now = () => here.clock.now() - 1_000
  const session = here.runtime.invoke(app.handles.produce, 1)
  await here.runtime.put(app.handles.parts, 'right', 'right', { session: session.id })
  await pass(here, 400)
  // The second begins after a pause of 50 ms, has 100 ms, and the pause before the third is 100 ms.
  t.deepEqual(at, ['1 at 0', '2 at 50', '3 at 250'])
  t.is((await session.ended).outcome, 'succeeded')
  t.deepEqual(leftovers(here), nothing)
})

test('a producer that ends without its object makes the join impossible at once', async (t) => {
  const app = supervised(async () => undefined)
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles.produce, 1)
  const { outcome, error } = await session.ended
  t.is(outcome, 'failed')
  t.true(StigmergyError.is(error) && error.code === 'STG_TRIGGER_UNSATISFIED')
  t.deepEqual((error as StigmergyError).details['missing'], ['left', 'right'])
  t.deepEqual(leftovers(here), nothing)
})

test('a producer that delivered and then throws is not run again', async (t) => {
  let runs = 0
  const app = supervised(async (_attempt, put) => {
    runs += 1
    await put('left')
    throw new Error('after the fact')
  })
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles.produce, 1)
  await pass(here, 500)
  t.is((await session.ended).outcome, 'failed')
  t.is(runs, 1)
  discardLetters(here)
  t.deepEqual(leftovers(here), nothing)
})

test('any object of the invocation will do when no key is awaited', async (t) => {
  let runs = 0
  const app = supervised(async (attempt, put) => {
    runs += 1
    if (attempt === 1) await new Promise(() => undefined)
    await put('left')
  }, {})
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles.produce, 1)
  await here.runtime.put(app.handles.parts, 'right', 'right', { session: session.id })
  await pass(here, 150)
  t.is(await session.result, 'left 2,right')
  t.is(runs, 2)
})

test('the awaited object may come from somebody else', async (t) => {
  let runs = 0
  const rest = gate()
  const app = supervised(async () => {
    runs += 1
    await rest.passed
  })
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles.produce, 1)
  await turns()
  await here.runtime.put(app.handles.parts, 'left', 'other', { session: session.id })
  await pass(here, 500)
  t.is(runs, 1)
  rest.open()
  await here.runtime.put(app.handles.parts, 'right', 'right', { session: session.id })
  t.is((await session.ended).outcome, 'succeeded')
  t.deepEqual(leftovers(here), nothing)
})

test('an object that was there before the producer started is not awaited', async (t) => {
  let runs = 0
  const rest = gate()
  const app = defineApp('app', (app) => {
    const parts = app.bucket<string>('parts')
    const produce = app.fn('produce', async (_fired, { put }) => {
      runs += 1
      await put(parts, 'left', 'same')
      await rest.passed
    })
    const again = app.bucket<number>('again')
    again.when(immediate(), produce)
    parts.when(
      bySet({ keys: ['left', 'right'] }),
      app.fn<string>('join', () => undefined),
      { expect: [{ source: produce, key: 'left', timeoutMs: 100, backoffMs: 50 }] },
    )
    return { parts, again }
  })
  const here = await world(t, app)
  const session = here.runtime.session()
  await session.put(app.handles.parts, 'left', 'same')
  await session.put(app.handles.again, 'go', 1)
  await pass(here, 600)
  t.is(runs, 1)
  rest.open()
  await session.put(app.handles.parts, 'right', 'right')
  t.is((await session.end()).outcome, 'succeeded')
  t.deepEqual(leftovers(here), nothing)
})

test('a session that is cancelled while a producer is supervised leaves nothing', async (t) => {
  const app = supervised(() => new Promise(() => undefined))
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles.produce, 1)
  await pass(here, 200)
  t.is(here.runtime.stats.invocations.running, 2)
  session.cancel()
  await session.ended
  t.is(here.runtime.stats.invocations.running, 0)
  t.deepEqual(leftovers(here), nothing)
})

test('attempts that run beside each other end with the first that succeeds', async (t) => {
  const gates = [gate(), gate(), gate()]
  const app = supervised(async (attempt, put) => {
    await gates[attempt - 1]?.passed
    await put('left')
  })
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles.produce, 1)
  await here.runtime.put(app.handles.parts, 'right', 'right', { session: session.id })
  await pass(here, 350)
  t.is(here.runtime.stats.invocations.running, 3)
  gates[1]?.fail(new Error('the second fails'))
  await turns()
  t.is(here.runtime.stats.invocations.running, 2)
  gates[2]?.open()
  t.is(await session.result, 'left 3,right')
  await session.ended
  t.is(here.runtime.stats.invocations.running, 0)
  gates[0]?.open()
  await turns()
  t.deepEqual(leftovers(here), nothing)
})

test('a trigger that is removed takes its supervision along', async (t) => {
  let runs = 0
  const app = supervised(async () => {
    runs += 1
    await new Promise(() => undefined)
  })
  const here = await world(t, app)
  const session = here.runtime.invoke(app.handles.produce, 1)
  await turns()
  await here.runtime.bucket('parts').remove('join', 'discard')
  await pass(here, 1_000)
  t.is(runs, 1)
  session.cancel()
  await until(() => here.runtime.stats.sessions.live === 0)
  t.deepEqual(leftovers(here), nothing)
})

test('a producer that is driven again beside one of the same id is supervised, and so is the other', async (t) => {
  const app = defineApp('app', (app) => {
    const jobs = app.bucket<number>('jobs')
    const parts = app.bucket<number>('parts')
    const work = app.fn<number>('work', () => new Promise(() => undefined))
    jobs.when(immediate(), work, { scope: 'session' })
    parts.when(
      immediate(),
      app.fn<number>('take', () => undefined),
      { expect: [{ source: work, timeoutMs: 10, maxAttempts: 1 }] },
    )
    return { jobs }
  })
  const here = await world(t, app, { limits: { sessionTombstoneMs: 0 } })
  const begin = async () => here.runtime.put(app.handles.jobs, 'a', 1, { session: 's' })
  await begin()
  await pass(here, 10)
  const again = here.runtime.deadLetters.redrive(here.runtime.deadLetters.list()[0]!.id)
  await begin()
  await turns()
  t.is(here.runtime.stats.invocations.running, 2)
  await pass(here, 10)
  t.is(here.runtime.stats.invocations.running, 0)
  t.is((await again.ended).outcome, 'failed')
  discardLetters(here)
  t.deepEqual(leftovers(here), nothing)
})
