import test from 'ava'
import { defineApp, defineRuntime, start, StigmergyError } from 'stigmergy'
import { app } from '../src/app.js'
import { staffed, until } from '../src/waiting.js'
import { kinds, losses, setting, workersOf } from './setting.js'

const { handles } = app

for (const kind of kinds) {
  test.serial(`${kind}: functions run on all workers, and none of them at home`, async (t) => {
    const { runtime } = await setting(t, { kind })
    const { workers } = runtime
    t.is(workers.length, 2)
    const runs = Array.from({ length: 20 }, () => runtime.invoke(handles.where, undefined).result)
    const places = await Promise.all(runs)
    if (kind === 'process')
      t.deepEqual(
        [...new Set(places.map(({ pid }) => pid))].every((pid) => workers.some((each) => each.pid === pid)),
        true,
      )
    else t.deepEqual(new Set(places.map(({ main }) => main)), new Set([false]))
    t.is(await runtime.invoke(handles.home, undefined).result, process.pid)
  })

  test.serial(`${kind}: fan-out and joins give what they give on one event loop`, async (t) => {
    const { runtime } = await setting(t, { kind })
    const fans = Array.from({ length: 20 }, (_, n) => runtime.invoke(handles.fan, n).result)
    t.deepEqual(await Promise.all(fans), Array(20).fill(140))
    const spread = await runtime.invoke(handles.spread, 300).result
    t.deepEqual(
      spread,
      Array.from({ length: 300 }, (_, n) => 2 * n),
    )
    for (const { ledger } of runtime.explain({ trigger: 'squares.sum' })) t.is(ledger.pending, 0)
  })

  test.serial(`${kind}: large values are read where they were written`, async (t) => {
    const { runtime } = await setting(t, { kind })
    t.is(await runtime.invoke(handles.fill, 3_000_000).result, 21_000_000)
    await until(() => runtime.stats.objects.live === 0)
  })

  test.serial(`${kind}: batches across sessions are decided at home`, async (t) => {
    const { runtime, events } = await setting(t, { kind })
    await Promise.all(Array.from({ length: 23 }, (_, n) => runtime.invoke(handles.count, n).ended))
    const sizes = events.filter((event) => event.type === 'trigger-fired' && event.fn === 'batch')
    t.is(sizes.length, 4)
    const partitions = runtime.explain({ trigger: 'counted.batch' })
    t.deepEqual(
      partitions.map(({ status, ledger }) => [status.held.length, ledger.admitted]),
      [[3, 23]],
    )
  })

  test.serial(`${kind}: a worker that exits is replaced, and its function runs elsewhere`, async (t) => {
    const { runtime, events } = await setting(t, { kind })
    t.is(await runtime.invoke(handles.exit, 2).result, 'survived in attempt 3')
    await staffed(runtime)
    t.is(losses(events).length, 2)
    t.true(losses(events).every((reason) => reason.includes('exited with code 3')))
  })

  test.serial(`${kind}: a function that ends every worker fails only its own session`, async (t) => {
    const { runtime } = await setting(t, { kind })
    const poison = runtime.invoke(handles.exit, 100)
    const fans = Array.from({ length: 5 }, (_, n) => runtime.invoke(handles.fan, n).result)
    t.true(StigmergyError.is(await t.throwsAsync(poison.result), 'STG_WORKER_LOST'))
    t.deepEqual(await Promise.all(fans), Array(5).fill(140))
    await staffed(runtime)
  })

  test.serial(
    `${kind}: a worker that hangs in a function of limited time is ended and replaced`,
    async (t) => {
      const { runtime, events } = await setting(t, { kind })
      t.is(await runtime.invoke(handles.hang, undefined).result, 'survived in attempt 2')
      await until(() => losses(events).length === 1)
      t.regex(losses(events)[0]!, /hang, which was given up/)
      await staffed(runtime)
      t.is(await runtime.invoke(handles.fan, 1).result, 140)
    },
  )

  test.serial(`${kind}: a worker that hangs is ended after maxBlockMs`, async (t) => {
    const { runtime, events } = await setting(t, { kind, maxBlockMs: 1_000 })
    t.is(await runtime.invoke(handles.loop, undefined).result, 'survived in attempt 2')
    t.regex(losses(events)[0]!, /more than maxBlockMs/)
  })

  test.serial(`${kind}: a worker that runs out of memory is replaced`, async (t) => {
    const { runtime, events } = await setting(t, { kind, maxHeapMb: 64 })
    t.is(await runtime.invoke(handles.exhaust, undefined).result, 'survived in attempt 2')
    t.is(losses(events).length, 1)
    await staffed(runtime)
  })
}

test.serial('a worker that leaks is replaced when it has finished what it has', async (t) => {
  const { runtime, events } = await setting(t, { count: 1, recycleAboveMb: 400 })
  const first = await runtime.invoke(handles.grow, 500 * 2 ** 20).result
  await until(() => losses(events).length === 1)
  t.regex(losses(events)[0]!, /more than recycleAboveMb/)
  const second = await runtime.invoke(handles.grow, 1).result
  t.not(second, first)
})

test.serial('an app that no worker can find does not start', async (t) => {
  const local = defineApp('local', (app) => ({ nothing: app.fn('nothing', () => undefined) }))
  const definition = defineRuntime({ workers: workersOf({ kind: 'thread', count: 1 }) })
  const error = await t.throwsAsync(start(definition, local))
  t.true(StigmergyError.is(error, 'STG_WORKER_APP'), String(error))
  t.regex(String(error?.message), /top level/)
})

test.serial('wrong workers do not start', (t) => {
  for (const workers of [
    { kind: 'fibre', count: 1 },
    { kind: 'thread' },
    { kind: 'thread', count: 0 },
    { count: 2 },
    { kind: 'thread', count: 1, extra: true },
  ]) {
    const error = t.throws(() => defineRuntime({ workers: workers as never }))
    t.true(StigmergyError.is(error, 'STG_CONFIG_INVALID'), JSON.stringify(workers))
  }
})
