import test, { type ExecutionContext } from 'ava'
import { readdirSync } from 'node:fs'
import { sweepMember } from '../src/sweep.js'
import { storeWorld } from './fixtures/store-world.js'
import { StorePeer } from './fixtures/store-peer.js'
import { sampleValues } from './fixtures/sample-values.js'
import { turnsOf, until } from './fixtures/waiting.js'

/** A peer that does not outlive a test that failed. */
async function startPeer(
  t: ExecutionContext,
  ...[kind, place]: Parameters<typeof StorePeer.start>
): Promise<StorePeer> {
  const peer = await StorePeer.start(kind, place)
  t.teardown(() => peer.kill())
  return peer
}

/** Every file of a segment that is in the directory of a store. */
const segments = (path: string): readonly string[] =>
  readdirSync(path).filter((name) => name.endsWith('.seg'))

for (const kinds of [['thread'], ['process'], ['process', 'thread']] as const)
  test(`values go from this thread to a ${kinds.join(' and on to a ')} and come back equal`, async (t) => {
    const { windows, directory, dispose } = await storeWorld(1)
    const [store] = windows
    const peers = await Promise.all(
      kinds.map((kind, at) => startPeer(t, kind, { directory: directory.path, member: at + 1 })),
    )
    const seed = Date.now() % 2 ** 31
    t.log(`seed ${seed}`)
    for (const value of sampleValues(200, seed)) {
      const handle = await store.put(value, 128)
      let descriptor = store.describe(handle)
      for (const peer of peers) descriptor = await peer.call('echo', descriptor)
      const back = store.open(descriptor)
      t.deepEqual(store.read(back), value)
      store.release(back)
      store.release(handle)
      for (const peer of peers) await peer.call('releaseAll')
    }
    t.is(await until(() => store.usage.objects === 0), true)
    for (const peer of peers) await peer.call('close')
    for (const peer of peers) await peer.kill()
    await store.close()
    t.deepEqual(segments(directory.path), [])
    await dispose()
  })

/** One round: a peer that holds and owns values ends at a random moment. */
async function killRound(t: ExecutionContext, kind: 'thread' | 'process', seed: number): Promise<void> {
  const { windows, directory, control, dispose } = await storeWorld(1)
  const [store] = windows
  const peer = await startPeer(t, kind, { directory: directory.path, member: 1 })
  const mine = await store.put(new Uint8Array(3000).fill(seed), 3000)
  const descriptor = store.describe(mine)
  await peer.call('hold', descriptor)
  const theirs = store.open(await peer.call('make', seed + 1, 5000))
  await peer.call('make', seed + 2, 7000)
  await peer.call('churn', descriptor)
  await turnsOf(seed * 37)
  await peer.kill()
  sweepMember(control, 1)
  t.deepEqual(store.read(theirs), new Uint8Array(5000).fill(seed + 1), 'what was readable stays readable')
  t.is(store.usage.objects, 2)
  t.is(store.usage.bytes, 8000)
  store.release(theirs)
  store.release(mine)
  t.deepEqual(store.usage.objects, 0, 'what a dead member held is free')
  t.is(store.usage.bytes, 0)
  t.deepEqual(segments(directory.path), ['0-1-0.seg'])
  await store.close()
  t.deepEqual(segments(directory.path), [])
  await dispose()
}

for (const kind of ['thread', 'process'] as const)
  test(`a ${kind} that is ended while it uses the store leaves nothing behind`, async (t) => {
    for (const seed of [1, 5, 20]) await killRound(t, kind, seed)
  })

test('a window that does nothing gives room back when others are done with its values', async (t) => {
  const limitBytes = 2 ** 20
  const { windows, directory, dispose } = await storeWorld(1, { limitBytes })
  const [store] = windows
  const peer = await startPeer(t, 'thread', { directory: directory.path, member: 1 })
  const opened = store.open(await peer.call('make', 1, limitBytes))
  await peer.call('releaseAll')
  const put = store.put(new Uint8Array(limitBytes), limitBytes)
  store.release(opened)
  t.is((await put).bytes, limitBytes)
  await store.close()
  await peer.call('close')
  await dispose()
})

test('a place that was buried is taken again, and names of the one before are stale', async (t) => {
  const { windows, directory, control, dispose } = await storeWorld(1)
  const [store] = windows
  const first = await startPeer(t, 'thread', { directory: directory.path, member: 1 })
  const old = await first.call('make', 1, 100)
  await first.kill()
  sweepMember(control, 1)
  const second = await startPeer(t, 'thread', { directory: directory.path, member: 1 })
  t.throws(() => store.open(old), { code: 'STG_STORE_DESCRIPTOR' })
  const opened = store.open(await second.call('make', 2, 100))
  t.deepEqual(store.read(opened), new Uint8Array(100).fill(2))
  await store.close()
  await second.call('close')
  await second.kill()
  t.deepEqual(segments(directory.path), [])
  await dispose()
})
