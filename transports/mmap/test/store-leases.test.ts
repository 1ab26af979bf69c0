import test from 'ava'
import { until } from './fixtures/waiting.js'
import { storeWorld } from './fixtures/store-world.js'

/** Holds of both windows on one value that the first has put. */
async function sharedValue(value: unknown) {
  const { windows, dispose } = await storeWorld(2)
  const [store, other] = windows
  if (other === undefined) throw new Error('There are two windows')
  const handle = await store.put(value, 64)
  return { store, other, handle, opened: other.open(store.describe(handle)), dispose }
}

test('a binary value is read in place: both windows see one memory', async (t) => {
  const { windows, dispose } = await storeWorld(3)
  const [store, ...others] = windows
  const array = await store.allocate(100)
  const handle = await store.put(array, 100)
  const descriptor = store.describe(handle)
  const views = others.map((other) => other.read(other.open(descriptor)) as Uint8Array)
  // Against the rules, to see where the bytes are.
  array[7] = 77
  t.deepEqual(
    views.map((view) => view[7]),
    [77, 77],
  )
  await Promise.all(windows.map((window) => window.close()))
  await dispose()
})

test('who keeps a view longer than its lease finds it empty, and not the next value', async (t) => {
  const { store, other, handle, opened, dispose } = await sharedValue(new Uint8Array(64).fill(1))
  const view = other.read(opened) as Uint8Array
  const part = view.subarray(10, 20)
  other.release(opened)
  store.release(handle)
  await store.put(new Uint8Array(64).fill(2), 64)
  t.deepEqual([view.length, part.length, view[0]], [0, 0, undefined])
  t.throws(() => view.set([1]), { instanceOf: TypeError })
  await Promise.all([store.close(), other.close()])
  await dispose()
})

test('a large view ends with its lease too, and the next one of its place shows the value that took it', async (t) => {
  const bytes = 2 ** 24
  const { windows, dispose } = await storeWorld(2)
  const [store, other] = windows
  if (other === undefined) throw new Error('There are two windows')
  const kept: Uint8Array[] = []
  for (const byte of [1, 2, 3]) {
    const handle = await store.put((await store.allocate(bytes)).fill(byte), bytes)
    const opened = other.open(store.describe(handle))
    const view = other.read(opened) as Uint8Array
    t.deepEqual([view.length, view[0], view.at(-1)], [bytes, byte, byte])
    kept.push(view, store.read(handle) as Uint8Array)
    other.release(opened)
    store.release(handle)
    t.true(kept.every(({ length }) => length === 0))
  }
  await Promise.all([store.close(), other.close()])
  await dispose()
})

test('a view lives as long as any hold of its window', async (t) => {
  const { store, other, handle, opened, dispose } = await sharedValue(new Uint8Array(64).fill(1))
  const view = other.read(opened) as Uint8Array
  other.retain(opened)
  other.release(opened)
  store.release(handle)
  t.deepEqual(view, new Uint8Array(64).fill(1))
  other.release(opened)
  t.is(view.length, 0)
  await Promise.all([store.close(), other.close()])
  await dispose()
})

test('a value that refers to what was read keeps it, when the reader releases it', async (t) => {
  const { store, other, handle, opened, dispose } = await sharedValue(new Uint8Array(64).fill(1))
  const view = other.read(opened) as Uint8Array
  const again = await other.put(view, 64)
  const nested = await other.put({ parts: [new Map([['part', view.subarray(0, 3)]])] }, 64)
  other.release(opened)
  store.release(handle)
  t.deepEqual(other.read(again), new Uint8Array(64).fill(1))
  t.deepEqual(other.read(nested), { parts: [new Map([['part', new Uint8Array(3).fill(1)]])] })
  t.deepEqual(store.read(store.open(other.describe(nested))), other.read(nested))
  other.release(again)
  t.is(view.length, 64)
  other.release(nested)
  t.is(view.length, 0)
  await Promise.all([store.close(), other.close()])
  await dispose()
})

test('a close takes away all views, also of what was allocated and not put', async (t) => {
  const { store, other, opened, dispose } = await sharedValue(new Uint8Array(64))
  const view = other.read(opened) as Uint8Array
  const allocated = await other.allocate(10)
  await other.close()
  t.deepEqual([view.length, allocated.length], [0, 0])
  await store.close()
  await dispose()
})

test('an allocated array is zeros, also where other values have been', async (t) => {
  const { windows, dispose } = await storeWorld(1)
  const [store] = windows
  for (const bytes of [1000, 1000, 100, 3000, 3000]) {
    const array = await store.allocate(bytes)
    t.deepEqual(array, new Uint8Array(bytes))
    array.fill(9)
    store.release(await store.put(array, bytes))
    t.is(array.length, 0)
  }
  await store.close()
  await dispose()
})

test('an allocated array that is put twice is one value that has two handles', async (t) => {
  const { windows, dispose } = await storeWorld(1)
  const [store] = windows
  const array = await store.allocate(8)
  array.fill(5)
  const first = await store.put(array, 8)
  const second = await store.put(array, 8)
  store.release(first)
  t.deepEqual(store.read(second), new Uint8Array(8).fill(5))
  store.release(second)
  t.deepEqual([store.usage.objects, store.usage.bytes], [0, 0])
  await store.close()
  await dispose()
})

test('an allocated array that nobody puts is given back when it is collected', async (t) => {
  const { setFlagsFromString } = await import('node:v8')
  const { runInNewContext } = await import('node:vm')
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const { windows, dispose } = await storeWorld(1)
  const [store] = windows
  const makeAndForget = async (): Promise<void> => {
    for (let count = 0; count < 10; count += 1) await store.allocate(1000)
  }
  await makeAndForget()
  t.is(store.usage.bytes, 10_000)
  const given = await until(() => {
    collect()
    return store.usage.bytes === 0
  })
  t.true(given)
  await store.close()
  await dispose()
})

test('room that came back while others held it is given back once', async (t) => {
  const { store, other, handle, opened, dispose } = await sharedValue(new Uint8Array(64).fill(1))
  const descriptor = store.describe(handle)
  store.release(handle)
  const again = store.open(descriptor)
  other.release(opened)
  store.release(again)
  const put = (byte: number) => store.put(new Uint8Array(64).fill(byte), 64)
  const handles = [await put(2)]
  t.is(store.usage.objects, 1) // looks for room to give back
  handles.push(await put(3))
  const descriptors = handles.map((each) => store.describe(each))
  const bytes = descriptors.map((each) => (other.read(other.open(each)) as Uint8Array)[0])
  t.deepEqual(bytes, [2, 3])
  t.is(store.usage.objects, 2)
  await Promise.all([store.close(), other.close()])
  await dispose()
})
