import { ManualClock } from '@stigmergy/conformance'
import { StigmergyError, type StoreHandle } from '@stigmergy/core'
import test, { type ExecutionContext } from 'ava'
import { MemoryObjectStore } from '../src/index.js'

async function fails(t: ExecutionContext, code: 'STG_STORE_FULL', promise: unknown): Promise<StigmergyError> {
  const error = await t.throwsAsync(Promise.resolve(promise), { instanceOf: StigmergyError })
  t.is(error.code, code)
  return error
}

test('a limit that is not a whole number is refused', (t) => {
  for (const value of [-1, 1.5, NaN, Infinity])
    for (const name of ['limitBytes', 'maxWaiting', 'waitMs']) {
      const error = t.throws(() => new MemoryObjectStore({ [name]: value }))
      t.true(StigmergyError.is(error, 'STG_CONFIG_INVALID'))
    }
})

test('the size of a value is a whole number', (t) => {
  const store = new MemoryObjectStore()
  for (const bytes of [-1, 0.5, NaN, Infinity])
    t.throws(() => store.put('value', bytes), { instanceOf: TypeError })
  t.is(store.usage.bytes, 0)
})

test('a value is stored by reference', async (t) => {
  await using store = new MemoryObjectStore()
  const value = new Uint8Array(100)
  t.is(store.read(await store.put(value, value.length)), value)
})

test('the limit is 1 GiB unless the options say otherwise', (t) => {
  t.is(new MemoryObjectStore().usage.limitBytes, 2 ** 30)
  t.is(new MemoryObjectStore({ limitBytes: 7 }).usage.limitBytes, 7)
})

test('a put that would be one too many to wait is refused at once and may be tried again', async (t) => {
  const store = new MemoryObjectStore({ limitBytes: 10, maxWaiting: 1, clock: new ManualClock() })
  const first = store.put('fills it', 10) as StoreHandle
  const waiting = store.put('waits', 10)
  const error = t.throws(() => store.put('too many', 10), { instanceOf: StigmergyError })
  t.like(error, { code: 'STG_STORE_FULL', retryable: true })
  store.release(first)
  t.is(store.read(await waiting), 'waits')
})

test('a put is given up when it has waited for waitMs, and not before', async (t) => {
  const clock = new ManualClock(1_000)
  const store = new MemoryObjectStore({ limitBytes: 10, waitMs: 50, clock })
  void store.put('fills it', 10)
  const waiting = store.put('waits', 10)
  clock.advance(49)
  t.is(store.usage.waiting, 1)
  clock.advance(1)
  t.is(store.usage.waiting, 0)
  const error = await fails(t, 'STG_STORE_FULL', waiting)
  t.true(error.retryable)
})

test('a put that is given up makes way for those behind it', async (t) => {
  const clock = new ManualClock()
  const store = new MemoryObjectStore({ limitBytes: 10, waitMs: 50, clock })
  void store.put('fills half', 5)
  const large = store.put('too large for the rest', 6)
  clock.advance(30)
  const small = store.put('small', 1)
  clock.advance(20)
  await fails(t, 'STG_STORE_FULL', large)
  t.is(store.read(await small), 'small')
})

test('each put waits for its own time', async (t) => {
  const clock = new ManualClock()
  const store = new MemoryObjectStore({ limitBytes: 10, waitMs: 50, clock })
  const first = store.put('fills it', 10) as StoreHandle
  const waiting = [store.put('one', 5)]
  clock.advance(30)
  waiting.push(store.put('two', 10))
  store.release(first)
  clock.advance(49)
  t.deepEqual([store.read((await waiting[0])!), store.usage.waiting], ['one', 1])
  clock.advance(1)
  await fails(t, 'STG_STORE_FULL', waiting[1])
})

test('no timer is armed while no put waits', async (t) => {
  const clock = new ManualClock()
  const store = new MemoryObjectStore({ limitBytes: 10, clock })
  const first = store.put('fills it', 10) as StoreHandle
  t.is(clock.armed, 0)
  const waiting = store.put('waits', 10)
  t.is(clock.armed, 1)
  store.release(first)
  await waiting
  t.is(clock.armed, 0)
})
