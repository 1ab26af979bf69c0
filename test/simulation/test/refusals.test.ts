import test from 'ava'
import { byBatchSize, defineApp } from 'stigmergy'
import { Stage } from '../src/stage.js'

test('a shared trigger that expects producers does not start, and the remedy is named', async (t) => {
  const stage = new Stage()
  const app = defineApp('app', (define) => {
    const events = define.bucket<number>('events')
    const make = define.fn('make', () => undefined)
    const batch = define.fn('batch', () => undefined)
    events.when(byBatchSize({ count: 3 }), batch, { expect: [{ source: make, timeoutMs: 100 }] })
    return { make }
  })
  await t.throwsAsync(stage.node('a', app), { code: 'STG_CONFIG_INVALID', message: /scope: 'session'/ })
})

test('no node changes a bucket that all of them share', async (t) => {
  const stage = new Stage()
  const app = defineApp('app', (define) => {
    const events = define.bucket<number>('events')
    const own = define.bucket<number>('own')
    const batch = define.fn('batch', () => undefined)
    events.when(byBatchSize({ count: 3 }), batch)
    return { events, own, batch }
  })
  const { runtime } = await stage.node('a', app)
  const { events, own, batch } = app.handles
  const refused = { code: 'STG_CLUSTER_SHARED', message: /start it anew on all nodes/ }
  const bucket = runtime.bucket(events)
  t.throws(() => bucket.seal(), refused)
  t.throws(() => bucket.delete(), refused)
  t.throws(() => bucket.add(byBatchSize({ count: 2 }), batch, { name: 'more' }), refused)
  await t.throwsAsync(bucket.drain(), refused)
  await t.throwsAsync(bucket.remove('batch'), refused)
  runtime.bucket(own).seal()
  t.is(runtime.bucket(own).state, 'sealed')
})
