import test from 'ava'
import { defineRuntime, start } from 'stigmergy'
import { race, type Work } from '../src/app.js'

/** Replicas that answer in a given order, once all of them work; those that are not in it never do. */
function replicas(n: number, order: readonly number[]) {
  const answers = new Map<number, () => void>()
  const cancelled: number[] = []
  const work: Work = (replica, signal) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => {
        cancelled.push(replica)
        reject(new Error('aborted'))
      })
      answers.set(replica, resolve)
      if (answers.size === n) for (const next of order) answers.get(next)?.()
    })
  return { work, cancelled }
}

test('the first k answers win, in the order in which they come', async (t) => {
  const { work } = replicas(5, [4, 2, 3])
  const app = race(3, 5, work)
  await using runtime = await start(defineRuntime(), app)
  t.deepEqual(await runtime.invoke(app.handles.ask, undefined).result, [4, 2, 3])
})

test('replicas that cannot matter any more are cancelled, and the session ends without them', async (t) => {
  const { work, cancelled } = replicas(4, [3])
  const app = race(1, 4, work)
  await using runtime = await start(defineRuntime(), app)
  const session = runtime.invoke(app.handles.ask, undefined)
  t.deepEqual(await session.result, [3])
  t.like(await session.ended, { outcome: 'succeeded' })
  t.deepEqual(cancelled.toSorted(), [1, 2, 4])
})

test('when too many replicas fail, so does the session', async (t) => {
  const app = race(2, 3, async (replica) => {
    if (replica > 1) throw new Error(`replica ${replica} is broken`)
  })
  await using runtime = await start(defineRuntime(), app)
  await t.throwsAsync(runtime.invoke(app.handles.ask, undefined).result, { message: /replica 3 is broken/ })
})
