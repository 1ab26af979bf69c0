import { ManualClock } from '@stigmergy/conformance'
import { StigmergyError, type ObjectStore, type StoreHandle } from '@stigmergy/core'
import test, { type ExecutionContext } from 'ava'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Control } from '../src/control.js'
import { NodeDirectory } from '../src/directory.js'
import { loadMapping } from '../src/mapping.js'
import { openMappedStore } from '../src/store.js'
import { storeWorld } from './fixtures/store-world.js'
import { turnsOf } from './fixtures/waiting.js'

const unit = 2 ** 16

function run(program: string, args: readonly string[]): void {
  execFileSync(program, args, { stdio: 'ignore' })
}

async function putAll(store: ObjectStore, values: readonly unknown[]): Promise<readonly StoreHandle[]> {
  const handles: StoreHandle[] = []
  for (const value of values) handles.push(await store.put(value, unit))
  return handles
}

test('a limit counts for all windows together, and a release in one lets a put in another in', async (t) => {
  const { windows, dispose } = await storeWorld(2, { limitBytes: 4 * unit })
  const [store, other] = windows
  const held = await putAll(
    store,
    [1, 2, 3, 4].map(() => new Uint8Array(unit)),
  )
  let admitted = false
  const put = Promise.resolve(other?.put(new Uint8Array(unit), unit)).then(() => (admitted = true))
  await turnsOf(50)
  t.false(admitted)
  for (const handle of held.slice(0, 1)) store.release(handle)
  await put
  t.is(store.usage.bytes, 4 * unit)
  await Promise.all(windows.map((window) => window.close()))
  await dispose()
})

test('what a structured value takes is counted when it becomes known', async (t) => {
  const { windows, dispose } = await storeWorld(1)
  const [store] = windows
  const handle = await store.put({ text: 'x'.repeat(10_000) }, 10)
  t.is(store.usage.bytes, 10)
  store.describe(handle)
  t.true(handle.bytes > 10_000)
  t.is(store.usage.bytes, handle.bytes)
  store.release(handle)
  t.is(store.usage.bytes, 0)
  await store.close()
  await dispose()
})

test('large structured values are read back, whatever size they were said to have', async (t) => {
  const { windows, dispose } = await storeWorld(2, { limitBytes: 2 ** 26 })
  const [store, other] = windows
  const value = Array.from({ length: 20_000 }, (_, id) => ({ id, name: `name ${id}`, weight: id / 3 }))
  for (const bytes of [0, 70_000, 700_000, 8_000_000]) {
    const handle = await store.put(value, bytes)
    const opened = other?.open(store.describe(handle))
    t.deepEqual(opened && other?.read(opened), value)
    if (opened !== undefined) other?.release(opened)
    store.release(handle)
  }
  t.is(store.usage.bytes, 0)
  await Promise.all(windows.map((window) => window.close()))
  await dispose()
})

test('values that find no room in time spill to the disk, are read in all windows, and are removed', async (t) => {
  const spill = NodeDirectory.create({ directory: tmpdir(), limitBytes: 3 * unit })
  const { windows, dispose } = await storeWorld(2, {
    limitBytes: unit,
    waitMs: 5,
    spill: { directory: spill.path, limitBytes: 3 * unit },
  })
  const [store, other] = windows
  const values = [
    new Uint8Array(unit).fill(1),
    new Float64Array(unit / 8).fill(2),
    { text: 'x'.repeat(unit / 2) },
  ]
  const handles = await putAll(store, values)
  const files = (): readonly string[] => readdirSync(spill.path)
  t.is(files().length, 2)
  t.true(files().every((file) => (statSync(join(spill.path, file)).mode & 0o777) === 0o600))
  t.deepEqual([store.usage.objects, store.usage.bytes], [3, unit])
  const opened = handles.map((handle) => other?.open(store.describe(handle)))
  for (const [at, value] of values.entries()) {
    const mine = handles[at]
    const theirs = opened[at]
    if (mine === undefined || theirs === undefined) return t.fail()
    store.release(mine)
    t.deepEqual(other?.read(theirs), value)
    other?.release(theirs)
  }
  t.deepEqual([store.usage.objects, store.usage.bytes, files()], [0, 0, []])
  await store.put(new Uint8Array(unit), unit)
  await store.put(new Uint8Array(unit), unit)
  await Promise.all(windows.map((window) => window.close()))
  t.deepEqual(files(), [])
  await dispose()
  spill.close()
})

test('a disk that is full is as good as none', async (t) => {
  const spill = NodeDirectory.create({ directory: tmpdir(), limitBytes: unit })
  const { windows, dispose } = await storeWorld(1, {
    limitBytes: unit,
    waitMs: 5,
    spill: { directory: spill.path, limitBytes: unit },
  })
  const [store] = windows
  await store.put(new Uint8Array(unit), unit)
  await store.put(new Uint8Array(unit), unit)
  const error = await t.throwsAsync(Promise.resolve(store.put(new Uint8Array(unit), unit)))
  t.true(StigmergyError.is(error, 'STG_STORE_FULL') && error.retryable)
  await store.close()
  await dispose()
  spill.close()
})

test('more puts than may wait are refused at once', async (t) => {
  const { windows, dispose } = await storeWorld(1, { limitBytes: unit, maxWaiting: 1 })
  const [store] = windows
  await store.put(new Uint8Array(unit), unit)
  const waiting = Promise.resolve(store.put(new Uint8Array(unit), unit))
  t.throws(() => store.put(new Uint8Array(unit), unit), { code: 'STG_STORE_FULL' })
  await Promise.all([t.throwsAsync(waiting, { code: 'STG_CLOSED' }), store.close()])
  await dispose()
})

test('segments that nobody uses go back to the machine after a while', async (t) => {
  const clock = new ManualClock()
  const { windows, directory, dispose } = await storeWorld(1, { limitBytes: 2 ** 26, clock })
  const [store] = windows
  const segments = (): number => readdirSync(directory.path).filter((name) => name.endsWith('.seg')).length
  for (const bytes of [100, 8_000_000]) {
    const handle = await store.put(new Uint8Array(bytes), bytes)
    store.describe(handle)
    store.release(handle)
  }
  clock.advance(1_999)
  t.is(segments(), 2)
  clock.advance(1)
  t.is(segments(), 1)
  await store.close()
  await dispose()
})

/** Runs `use` with a directory that has 4 MB of memory and no more. */
async function onSmallFileSystem(t: ExecutionContext, use: (mount: string) => Promise<void>): Promise<void> {
  const mount = mkdtempSync(join(tmpdir(), 'small-'))
  try {
    run('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=0700', 'tmpfs', mount])
  } catch {
    rmSync(mount, { recursive: true })
    t.log('Skipped: only a user who may mount can make a small file system')
    t.pass()
    return
  }
  await use(mount)
  t.deepEqual(readdirSync(mount), [])
  run('umount', [mount])
  rmSync(mount, { recursive: true })
}

test('a file system that is full behaves as a store that is full, and goes on when there is room', (t) =>
  onSmallFileSystem(t, async (mount) => {
    const tooLarge = { directory: mount, limitBytes: 2 ** 26 }
    t.throws(() => NodeDirectory.create(tooLarge), { code: 'STG_STORE_DIRECTORY' })
    const directory = NodeDirectory.create({ directory: mount })
    const mapping = await loadMapping()
    const control = Control.create(directory.path, mapping, { members: 2, limitBytes: 2 ** 26 })
    const store = openMappedStore(mapping, directory.path, { member: 0, waitMs: 3_600_000 })
    const handle = await store.put(new Uint8Array(2_000_000).fill(1), 2_000_000)
    store.describe(handle)
    const large = await store.put(new Uint8Array(3_000_000).fill(2), 3_000_000)
    const error = t.throws(() => store.describe(large), { code: 'STG_STORE_FULL' })
    t.true(StigmergyError.is(error) && error.retryable)
    const waiting = Promise.resolve(store.allocate(3_000_000))
    await turnsOf(20)
    t.is(store.usage.waiting, 1)
    store.release(handle)
    t.is((await waiting).length, 3_000_000)
    await store.close()
    control.close()
    directory.close()
  }))

test('what others are to read goes to the disk, if it may, when the file system is full', (t) =>
  onSmallFileSystem(t, async (mount) => {
    const directory = NodeDirectory.create({ directory: mount })
    const onDisk = NodeDirectory.create({ directory: tmpdir(), limitBytes: 2 ** 24 })
    const mapping = await loadMapping()
    const spill = { directory: onDisk.path, limitBytes: 2 ** 24 }
    const control = Control.create(directory.path, mapping, { members: 2, limitBytes: 2 ** 26, spill })
    const store = openMappedStore(mapping, directory.path, { member: 0 })
    const other = openMappedStore(mapping, directory.path, { member: 1 })
    store.describe(await store.put('a first segment', 20))
    const handle = await store.put(new Uint8Array(5_000_000).fill(3), 5_000_000)
    const opened = other.open(store.describe(handle))
    t.is(store.usage.bytes, 20)
    store.release(handle)
    t.deepEqual(other.read(opened), new Uint8Array(5_000_000).fill(3))
    other.release(opened)
    t.deepEqual([store.usage.objects, readdirSync(onDisk.path)], [1, []])
    await Promise.all([store.close(), other.close()])
    control.close()
    onDisk.close()
    directory.close()
  }))
