import test, { type ExecutionContext } from 'ava'
import {
  type Closed,
  defineApp,
  type Firing,
  immediate,
  primitive,
  type StandardSchemaV1,
  type Status,
  StigmergyError,
  Trigger,
  trigger,
  type TriggerOptions,
  type WorkerLimits,
} from 'stigmergy'
import { gate, leftovers, nothing, turns, until, world } from './world.js'

const anyOptions: StandardSchemaV1<unknown, object> = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as object }) },
}

/** A primitive that tells what it is told, and cannot bear a group called `bad`. */
function listenerOf(told: string[]) {
  @primitive({ name: 'listen', scope: 'bucket', stateVersion: 1, options: anyOptions })
  class Listen extends Trigger<object, null> {
    initialState() {
      return null
    }

    onObject(): readonly Firing[] {
      return []
    }

    override onClosed(_state: null, { scope, name, outcome }: Closed): readonly Firing[] {
      if (name === 'bad') throw new Error('bad')
      told.push(scope === 'group' ? name : `${scope} ${outcome}`)
      return []
    }

    describe(): Status {
      return { held: [], awaiting: {} }
    }
  }
  return Listen
}

async function listening(
  t: ExecutionContext,
  options: TriggerOptions<number> = {},
  limits: Partial<WorkerLimits> = {},
) {
  const told: string[] = []
  const Listen = listenerOf(told)
  const rest = gate()
  const app = defineApp('app', (app) => {
    const ends = app.bucket<number>('ends')
    const quiet = app.bucket<number>('quiet')
    const take = app.fn<number>('take', () => undefined)
    const work = app.bucket<number>('work')
    const produce = app.fn<number>('produce', () => undefined, { puts: [ends] })
    ends.when(trigger(Listen, {}), take, options)
    work.when(immediate(), produce)
    return {
      ends,
      quiet,
      work,
      produce,
      rest: app.fn<number>('rest', () => rest.passed, { puts: [ends] }),
      tell: app.fn<string>('tell', ({ value }, { closed }) => closed(ends, { scope: 'group', name: value })),
    }
  })
  const here = await world(t, app, { primitives: [Listen], limits })
  const { runtime } = here
  const listener = runtime.bucket('ends').trigger('take')
  const produce = () => runtime.invoke(app.handles.produce, 1).ended
  const tell = (name: string) => runtime.closed(app.handles.ends, { scope: 'group', name })
  return { here, runtime, handles: app.handles, Listen, told, listener, produce, tell, rest }
}

test('what callers tell a paused trigger is refused when as much waits as it may hold', async (t) => {
  const { runtime, handles, listener, tell, told } = await listening(t, { maxPending: 2 })
  await runtime.put(handles.ends, 'opens the state', 1)
  listener.pause()
  tell('a')
  runtime.watermark(handles.ends, 1)
  const error = t.throws(() => tell('b'), {
    code: 'STG_TRIGGER_BUSY',
    message: /ends\.take is paused.*resume/,
  })
  t.true(StigmergyError.is(error) && error.retryable)
  t.throws(() => listener.flush(), { code: 'STG_TRIGGER_BUSY' })
  t.notThrows(() => runtime.watermark(handles.ends, 2), 'it takes the place of the one that waits')
  const { error: failure } = await runtime.invoke(handles.tell, 'c').ended
  t.true(StigmergyError.is(failure?.cause, 'STG_TRIGGER_BUSY'))
  listener.resume()
  t.deepEqual(told, ['a'])
  tell('d')
  t.deepEqual(told, ['a', 'd'])
})

test('a fact that one trigger of a bucket refuses is told to none of them', async (t) => {
  const { runtime, Listen, listener, tell, told } = await listening(t, { maxPending: 1 })
  runtime.bucket('ends').add(trigger(Listen, {}), 'take', { name: 'open' })
  listener.pause()
  tell('a')
  t.throws(() => tell('b'), { code: 'STG_TRIGGER_BUSY' })
  t.deepEqual(told, ['a'])
})

test('what callers tell a trigger that has halted is refused in the same way', async (t) => {
  const { listener, tell, told } = await listening(t, { maxPending: 2 })
  tell('bad')
  tell('a')
  t.throws(() => tell('b'), { code: 'STG_TRIGGER_BUSY', message: /halted/ })
  listener.reset()
  tell('c')
  t.deepEqual(told, ['c'])
})

test('ends of functions wait in a paused trigger, and beyond its limit they count as queued', async (t) => {
  const { here, runtime, handles, listener, produce, told } = await listening(
    t,
    { maxPending: 2 },
    { maxQueued: 3, highWaterMark: 1 },
  )
  listener.pause()
  for (let n = 0; n < 4; n += 1) await produce()
  t.is(
    await runtime.put(handles.quiet, 'a', 1),
    'admitted',
    'what waits for an operator keeps nobody waiting',
  )
  await produce()
  const busy = { code: 'STG_WORKER_BUSY', message: /3 facts.*resume\(\) or reset\(\) ends\.take/ } as const
  await t.throwsAsync(runtime.put(handles.quiet, 'b', 1), busy)
  t.throws(() => runtime.invoke(handles.produce, 1), busy)
  listener.resume()
  t.is(told.length, 5)
  t.is((await produce()).outcome, 'succeeded')
  t.deepEqual(leftovers(here), nothing)
})

for (const [what, end] of [
  ['reset', ({ listener }) => listener.reset()],
  ['removed', ({ runtime }) => runtime.bucket('ends').remove('take', 'discard')],
  ['removed and drained', ({ runtime }) => runtime.bucket('ends').remove('take')],
  ['deleted with its bucket', ({ runtime }) => runtime.bucket('ends').delete('discard')],
] as const satisfies [string, (here: Awaited<ReturnType<typeof listening>>) => void | Promise<void>][])
  test(`facts that wait are gone when their trigger is ${what}`, async (t) => {
    const here = await listening(t, { maxPending: 1 }, { maxQueued: 1 })
    here.listener.pause()
    for (let n = 0; n < 2; n += 1) await here.produce()
    t.throws(() => here.runtime.invoke(here.handles.produce, 1), { code: 'STG_WORKER_BUSY' })
    await end(here)
    t.is((await here.produce()).outcome, 'succeeded')
  })

test('a halted trigger that can go on gets what has waited', async (t) => {
  const { runtime, listener, produce, handles, tell, told } = await listening(
    t,
    { maxPending: 1 },
    { maxQueued: 1 },
  )
  await produce()
  tell('bad')
  await produce()
  t.throws(() => runtime.invoke(handles.produce, 1), { code: 'STG_WORKER_BUSY', message: /halted/ })
  listener.resume()
  t.throws(() => runtime.invoke(handles.produce, 1), { code: 'STG_WORKER_BUSY' }, 'it has halted again')
  listener.reset()
  t.is((await produce()).outcome, 'succeeded')
  t.is(told.length, 2)
})

test('functions that are given up before they began leave facts, which count just so', async (t) => {
  const limits = { slots: 1, maxQueued: 4, highWaterMark: 100 }
  const { here, runtime, handles, listener, rest, told } = await listening(t, { maxPending: 1 }, limits)
  listener.pause()
  const first = runtime.invoke(handles.rest, 1)
  await turns()
  const sessions = [1, 2, 3, 4].map(() => runtime.invoke(handles.produce, 1))
  for (const session of sessions) session.cancel()
  rest.open()
  await first.ended
  await turns()
  t.throws(() => runtime.invoke(handles.produce, 1), {
    code: 'STG_WORKER_BUSY',
    message: /0 firings.* 4 facts/,
  })
  listener.resume()
  t.deepEqual(told, [...Array<string>(4).fill('invocation cancelled'), 'invocation succeeded'])
  t.deepEqual(leftovers(here), nothing)
})

test('a session-scoped trigger that is paused lets go of its facts with the session', async (t) => {
  const options = { scope: 'session', maxPending: 1 } as const
  const { here, runtime, handles, listener } = await listening(t, options, { maxQueued: 1 })
  listener.pause()
  const session = runtime.session()
  for (const key of ['a', 'b']) {
    await session.put(handles.work, key, 1)
    await turns()
  }
  t.throws(() => session.closed(handles.ends, { scope: 'group', name: 'b' }), { code: 'STG_TRIGGER_BUSY' })
  await t.throwsAsync(session.put(handles.work, 'c', 1), { code: 'STG_WORKER_BUSY' })
  session.cancel()
  t.is(await runtime.put(handles.work, 'c', 1), 'admitted')
  await turns()
  listener.resume()
  await until(() => runtime.stats.sessions.live === 0)
  t.deepEqual(leftovers(here), nothing)
})

test('explain tells how much waits', async (t) => {
  const { runtime, listener, tell } = await listening(t)
  listener.pause()
  for (const name of ['a', 'b', 'c']) tell(name)
  const says = () => runtime.explain({ trigger: 'ends.take' }).flatMap((each) => each.says)
  t.deepEqual(says(), ['is paused; resume() delivers the 3 events that wait'])
  listener.reset()
  t.deepEqual(says(), ['is paused; nothing waits'])
  listener.resume()
  tell('bad')
  t.deepEqual(says(), [
    'has halted after a fault, and 1 event waits; see the event trigger-faulted, then resume() the trigger',
  ])
})

test('a runtime that closes does not wait for a paused trigger: what waits in it is dropped', async (t) => {
  const { here, runtime, handles, listener, produce, rest, told } = await listening(t, { maxPending: 1 })
  listener.pause()
  for (let n = 0; n < 4; n += 1) await produce()
  const session = runtime.invoke(handles.rest, 1)
  const closed = runtime.close()
  await turns()
  rest.open()
  await closed
  t.is((await session.ended).outcome, 'succeeded')
  t.deepEqual(told, [])
  t.deepEqual(leftovers(here), nothing)
})

test('a paused trigger gets tens of thousands of facts in their order, and soon', async (t) => {
  const { listener, tell, told } = await listening(t, { maxPending: 100_000 })
  listener.pause()
  for (let n = 0; n < 100_000; n += 1) tell(`${n}`)
  listener.resume()
  t.is(told.length, 100_000)
  t.true(told.every((name, at) => name === `${at}`))
})
