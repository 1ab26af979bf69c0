import test, { type ExecutionContext } from 'ava'
import { byBatchSize, bySet, dynamicJoin, immediate } from 'stigmergy'
import type { AppBuilder } from '../src/app/define-app.js'
import { defineApp } from '../src/app/define-app.js'
import { StigmergyError } from '../src/errors.js'
import type { Runnable } from '../src/worker/run-queue.js'
import { type CrewOptions, type CrewWorld, crewWorld } from './crew-world.js'
import { gate, turns, until } from './world.js'

const sums = defineApp('sums', (app) => {
  const parts = app.bucket<{ readonly n: number }>('parts')
  const results = app.bucket<number>('results')
  const split = app.fn<number, number>('split', async (fired, { put }) => {
    await Promise.all(Array.from({ length: fired.value }, (_, n) => put(parts, `p${n}`, { n })))
  })
  const square = app.fn<{ readonly n: number }>('square', async (fired, { put }) => {
    await put(results, fired.objects[0]!.key, fired.value.n ** 2)
  })
  const total = app.fn<number, number>('total', (fired, { reply }) => {
    reply(fired.objects.reduce((sum, { value }) => sum + value, 0))
  })
  parts.when(immediate(), square)
  results.when(bySet({ keys: ['p0', 'p1', 'p2', 'p3'] }), total)
  return { split }
})

/** A world for an app of the test's own. */
async function worldOf<Handles>(
  t: ExecutionContext,
  define: (app: AppBuilder) => Handles,
  options?: CrewOptions,
): Promise<CrewWorld & { readonly handles: Handles }> {
  const app = defineApp('app', define)
  return { ...(await crewWorld(t, app, options)), handles: app.handles }
}

test('a session whose functions run on other workers ends with the same result', async (t) => {
  const here = await crewWorld(t, sums)
  const session = here.runtime.invoke(sums.handles.split, 4)
  t.is(await session.result, 14)
  t.is((await session.ended).outcome, 'succeeded')
  t.deepEqual(new Set(here.ran.map(({ worker }) => worker)), new Set([1, 2]))
  await turns()
  t.is(here.store.usage.objects, 0)
})

test('a message that is larger than a frame arrives whole, in either direction', async (t) => {
  const count = 500
  const here = await worldOf(
    t,
    (app) => {
      const parts = app.bucket<string>('parts')
      const split = app.fn<number>('split', async (fired, { put }) => {
        const note = 'n'.repeat(3_000)
        for (let n = 0; n < fired.value; n += 1) await put(parts, `p${n}`, `${n}`, { meta: { note } })
      })
      const join = app.fn<string, string>('join', (fired, { reply }) => {
        reply(
          fired.objects.map(({ value, meta }) => `${value}:${(meta as { note: string }).note.length}`).join(),
        )
      })
      parts.when(byBatchSize({ count }), join, { scope: 'session' })
      return { split }
    },
    { maxFrameBytes: 1_024 },
  )
  const expected = Array.from({ length: count }, (_, n) => `${n}:3000`).join()
  const session = here.runtime.invoke(here.handles.split, count)
  t.like(await session.ended, { outcome: 'succeeded' })
  t.is(await session.result, expected)
})

test('a chain stays on the worker that holds the data', async (t) => {
  const here = await worldOf(t, (app) => {
    const links = app.bucket<number>('links')
    const link = app.fn<number, string>('link', async (fired, { put, reply }) => {
      if (fired.value === 0) reply('done')
      else await put(links, undefined, fired.value - 1)
    })
    links.when(immediate(), link)
    return { link }
  })
  t.is(await here.runtime.invoke(here.handles.link, 10).result, 'done')
  t.is(here.ran.length, 11)
  t.is(new Set(here.ran.map(({ worker }) => worker)).size, 1)
})

test('a function that is to run at home runs at home, with the values that others have put', async (t) => {
  const here = await worldOf(t, (app) => {
    const found = app.bucket<{ readonly list: readonly number[] }>('found')
    const look = app.fn('look', async (_fired, { put }) => {
      await put(found, 'it', { list: [1, 2, 3] })
    })
    const tell = app.fn<{ readonly list: readonly number[] }, readonly number[]>(
      'tell',
      (fired, { reply }) => reply(fired.value.list),
      { runOn: 'home' },
    )
    found.when(immediate(), tell)
    return { look }
  })
  t.deepEqual(await here.runtime.invoke(here.handles.look).result, [1, 2, 3])
  t.deepEqual(
    here.ran.map(({ fn }) => fn),
    ['look'],
  )
})

test('values of every kind and size arrive as they were put', async (t) => {
  const values = [
    undefined,
    null,
    'text',
    new Map([['key', new Set([1])]]),
    new Uint8Array([1, 2, 3]),
    new Uint8Array(100_000).fill(7),
    { deep: Array.from({ length: 5_000 }, (_, index) => ({ index })) },
    'é'.repeat(20_000),
  ]
  const here = await worldOf(t, (app) => {
    const there = app.bucket('there')
    const back = app.bucket('back')
    const send = app.fn<number>('send', async (fired, { put }) => {
      await put(there, 'value', values[fired.value])
    })
    const pass = app.fn('pass', async (fired, { put }) => {
      await put(back, 'value', fired.value)
    })
    const answer = app.fn('answer', (fired, { reply }) => reply(fired.value))
    there.when(immediate(), pass)
    back.when(immediate(), answer)
    return { send }
  })
  for (const [at, value] of values.entries())
    t.deepEqual(await here.runtime.invoke(here.handles.send, at).result, value)
  await until(() => here.store.usage.objects === 0)
})

test('a function that throws elsewhere fails its session with its own error, after its retries', async (t) => {
  const here = await worldOf(t, (app) => ({
    fail: app.fn(
      'fail',
      () => {
        throw Object.assign(new RangeError('too far'), { code: 'E_FAR' })
      },
      { retries: { max: 1, backoffMs: 50 } },
    ),
  }))
  const session = here.runtime.invoke(here.handles.fail)
  const failed = t.throwsAsync(session.result)
  await until(() => here.ran.length === 1)
  await turns()
  here.clock.advance(50)
  const error = await failed
  t.true(StigmergyError.is(error, 'STG_FUNCTION_FAILED'))
  const cause = error.cause as Error & { readonly code?: string }
  t.deepEqual([cause.name, cause.message, cause.code], ['RangeError', 'too far', 'E_FAR'])
  t.is(here.ran.length, 2)
})

test('what a put is refused with is thrown where it was called', async (t) => {
  const codes: unknown[] = []
  const here = await worldOf(t, (app) => {
    const box = app.bucket<number>('box')
    return {
      clash: app.fn('clash', async (_fired, { put }) => {
        t.is(await put(box, 'key', 1), 'admitted')
        t.is(await put(box, 'key', 1), 'duplicate')
        await put(box, 'key', 2).catch((error: unknown) => codes.push((error as StigmergyError).code))
        await put({ app: 'app', bucket: 'none' }, 'key', 2).catch((error: unknown) =>
          codes.push((error as StigmergyError).code),
        )
      }),
    }
  })
  t.is((await here.runtime.invoke(here.handles.clash).ended).outcome, 'succeeded')
  t.deepEqual(codes, ['STG_OBJECT_KEY_CONFLICT', 'STG_BUCKET_UNKNOWN'])
})

test('a refused put that nobody waits for fails the function', async (t) => {
  const here = await worldOf(t, (app) => {
    const box = app.bucket<number>('box')
    return {
      clash: app.fn('clash', (_fired, { put }) => {
        void put(box, 'key', 1)
        void put(box, 'key', 2)
      }),
    }
  })
  const { error } = await here.runtime.invoke(here.handles.clash).ended
  t.is(((error as Error).cause as StigmergyError).code, 'STG_OBJECT_KEY_CONFLICT')
})

test('a fact that is refused fails the function that has told it', async (t) => {
  const here = await worldOf(t, (app) => {
    const items = app.bucket<number>('items')
    const work = app.fn<number>('work', () => undefined)
    const join = app.fn('join', () => undefined)
    items.when(dynamicJoin({ parallel: work }), join)
    return {
      seal: app.fn('seal', (_fired, { closed }) => {
        closed(items, { scope: 'items', expected: 2 })
        closed(items, { scope: 'items', expected: 3 })
      }),
    }
  })
  const { error } = await here.runtime.invoke(here.handles.seal).ended
  t.is(((error as Error).cause as StigmergyError).code, 'STG_TRIGGER_SEAL_CONFLICT')
})

test('the time limit of a function begins when the function does, and its signal is aborted there', async (t) => {
  const first = gate()
  const aborted = gate()
  const here = await worldOf(
    t,
    (app) => ({
      block: app.fn('block', () => first.passed, { concurrency: 1 }),
      hang: app.fn(
        'hang',
        (_fired, { signal }) =>
          new Promise<void>((resolve) => {
            signal.addEventListener('abort', () => {
              aborted.open()
              resolve()
            })
          }),
        { timeoutMs: 100 },
      ),
    }),
    { workers: 1 },
  )
  const session = here.runtime.invoke(here.handles.hang)
  await until(() => here.ran.length === 1)
  await turns()
  here.clock.advance(99)
  await turns()
  t.is(here.runtime.stats.invocations.running, 1)
  here.clock.advance(1)
  await aborted.passed
  t.true(StigmergyError.is(await t.throwsAsync(session.result), 'STG_FUNCTION_TIMEOUT'))
  first.open()
})

test('a cancelled session gives up what runs of it elsewhere', async (t) => {
  const aborted = gate<unknown>()
  const here = await worldOf(t, (app) => ({
    hang: app.fn(
      'hang',
      (_fired, { signal }) =>
        new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => {
            aborted.open(signal.reason)
            resolve()
          })
        }),
    ),
  }))
  const session = here.runtime.invoke(here.handles.hang)
  await until(() => here.ran.length === 1)
  session.cancel(new Error('enough'))
  t.is(((await aborted.passed) as StigmergyError).code, 'STG_SESSION_CANCELLED')
  t.is((await session.ended).outcome, 'cancelled')
})

test('a function that looks at its signal only after it was given up finds it aborted, with the reason', async (t) => {
  const look = gate()
  const seen = gate<unknown>()
  const here = await worldOf(t, (app) => ({
    work: app.fn('work', async (_fired, context) => {
      await look.passed
      seen.open(context.signal.aborted && context.signal.reason)
    }),
  }))
  const session = here.runtime.invoke(here.handles.work)
  await until(() => here.ran.length === 1)
  session.cancel(new Error('enough'))
  await session.ended
  await turns()
  look.open()
  t.true(StigmergyError.is(await seen.passed, 'STG_SESSION_CANCELLED'))
})

test('a put under something that is no name fails the function, and nothing of it travels', async (t) => {
  const here = await worldOf(t, (app) => {
    const box = app.bucket<number>('box')
    return { work: app.fn('work', (_fired, { put }) => void put(box, 5 as never, 1)) }
  })
  const { error } = await here.runtime.invoke(here.handles.work).ended
  t.is(((error as Error).cause as StigmergyError).code, 'STG_OBJECT_KEY_INVALID')
})

test('what a lost worker ran runs on another, and what it has put counts once', async (t) => {
  const stuck = gate()
  const here = await worldOf(t, (app) => {
    const box = app.bucket<string>('box')
    const take = app.fn<string, string>('take', (fired, { reply }) => reply(fired.value))
    const work = app.fn('work', async (_fired, { put, attempt }) => {
      await put(box, undefined, `of attempt ${attempt}`)
      if (attempt === 1) await stuck.passed
    })
    box.when(immediate(), take)
    return { work }
  })
  const session = here.runtime.invoke(here.handles.work)
  t.is(await session.result, 'of attempt 1')
  await turns()
  const { worker } = here.ran[0]!
  await here.crash(worker)
  await turns()
  here.clock.advance(1)
  t.is((await session.ended).outcome, 'succeeded')
  t.deepEqual(
    here.ran.filter(({ fn }) => fn === 'work').map((each) => each.worker),
    [worker, 3 - worker],
  )
  t.is(here.ran.filter(({ fn }) => fn === 'take').length, 1)
})

test('a function that ends every worker that runs it fails its session, and no other', async (t) => {
  const here = await worldOf(t, (app) => ({
    poison: app.fn('poison', () => new Promise<void>(() => undefined)),
    fine: app.fn('fine', (_fired, { reply }) => reply('fine')),
  }))
  const session = here.runtime.invoke(here.handles.poison)
  for (let crashes = 0; crashes < 4; crashes += 1) {
    await until(() => here.ran.filter(({ fn }) => fn === 'poison').length === crashes + 1)
    await turns()
    const { worker } = here.ran.at(-1)!
    await here.crash(worker)
    await here.addWorker()
    await turns()
    here.clock.advance(1)
  }
  t.true(StigmergyError.is(await t.throwsAsync(session.result), 'STG_WORKER_LOST'))
  t.is(await here.runtime.invoke(here.handles.fine).result, 'fine')
})

test('without a worker functions wait for one, and run when it has joined', async (t) => {
  const here = await crewWorld(t, sums, { joining: 0 })
  const session = here.runtime.invoke(sums.handles.split, 4)
  await turns()
  t.is(here.ran.length, 0)
  await here.addWorker()
  t.is(await session.result, 14)
})

test('without hope for a worker functions fail with what is wrong', async (t) => {
  const here = await crewWorld(t, sums, { joining: 0 })
  const waiting = here.runtime.invoke(sums.handles.split, 4)
  await turns()
  here.crew.giveUp(new StigmergyError('STG_WORKER_START', 'No worker starts.'))
  t.true(StigmergyError.is(await t.throwsAsync(waiting.result), 'STG_WORKER_START'))
  const later = here.runtime.invoke(sums.handles.split, 4)
  t.true(StigmergyError.is(await t.throwsAsync(later.result), 'STG_WORKER_START'))
})

test('no more runs of a function overlap on one worker than its concurrency allows', async (t) => {
  const gates = Array.from({ length: 6 }, () => gate())
  let running = 0
  let most = 0
  const here = await worldOf(
    t,
    (app) => ({
      wait: app.fn<number>(
        'wait',
        async (fired) => {
          running += 1
          most = Math.max(most, running)
          await gates[fired.value]!.passed
          running -= 1
        },
        { concurrency: 2 },
      ),
    }),
    { workers: 1 },
  )
  const sessions = gates.map((_, at) => here.runtime.invoke(here.handles.wait, at))
  await turns(10)
  t.is(running, 2)
  for (const each of gates) {
    each.open()
    await turns(10)
  }
  await Promise.all(sessions.map(({ ended }) => ended))
  t.is(most, 2)
})

test('functions that wait overlap on one worker as far as it has slots', async (t) => {
  const all = gate()
  const here = await worldOf(t, (app) => ({ wait: app.fn('wait', () => all.passed) }), {
    workers: 1,
    limits: { slots: 50 },
  })
  const sessions = Array.from({ length: 80 }, () => here.runtime.invoke(here.handles.wait))
  await until(() => here.ran.length === 50)
  await turns()
  t.is(here.ran.length, 50)
  all.open()
  await Promise.all(sessions.map(({ ended }) => ended))
  t.is(here.ran.length, 80)
})

test('a placement of its own decides where functions run', async (t) => {
  const asked: string[] = []
  const choose = (_workers: readonly unknown[], next: Runnable): number => {
    asked.push(next.fn)
    return 1
  }
  const here = await crewWorld(t, sums, { placement: { choose } })
  t.is(await here.runtime.invoke(sums.handles.split, 4).result, 14)
  t.true(asked.includes('split'))
  t.true(here.ran.some(({ worker }) => worker === 2))
})

test('a put waits while the store has no room, and the function with it', async (t) => {
  const here = await worldOf(
    t,
    (app) => {
      const box = app.bucket<Uint8Array>('box')
      const hold = app.bucket<Uint8Array>('hold')
      const free = gate()
      const keep = app.fn('keep', async (_fired, { put }) => {
        await put(hold, 'big', new Uint8Array(60_000))
        await free.passed
      })
      const work = app.fn('work', async (_fired, { put, reply }) => {
        await put(box, 'big', new Uint8Array(60_000))
        reply('put')
      })
      return { keep, work, free }
    },
    { store: { limitBytes: 100_000 } },
  )
  const keeper = here.runtime.invoke(here.handles.keep)
  await until(() => here.store.usage.bytes >= 60_000)
  const session = here.runtime.invoke(here.handles.work)
  await until(() => here.store.usage.waiting === 1)
  t.is(here.runtime.stats.invocations.running, 2)
  here.handles.free.open()
  await keeper.ended
  t.is(await session.result, 'put')
})
