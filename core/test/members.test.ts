import { ManualClock } from '@stigmergy/conformance'
import test from 'ava'
import type { Register, RegisterWatcher } from '../src/index.js'
import { Members } from '../src/cluster/members.js'
import { encodeEntry, type MemberEntry } from '../src/cluster/register-values.js'

const leaseMs = 1_000
/** Others wait for so long. */
const patienceMs = 1_250

function entryOf(id: string, running: number): MemberEntry {
  return { id, name: id, address: `node.${id}`, slots: 4, running, queued: 0, room: 4, sessions: 0, apps: [] }
}

/** Members on a clock, and a register that tells what the test says. */
async function watched() {
  const clock = new ManualClock()
  let watcher: RegisterWatcher | undefined
  const register: Pick<Register, 'watch'> = {
    watch: async (_prefix, given) => {
      watcher = given
      given.onCurrent?.()
      return { [Symbol.asyncDispose]: async () => undefined }
    },
  }
  let changes = 0
  const members = new Members({
    register: register as Register,
    clock,
    prefix: 'nodes',
    leaseMs,
    onChange: () => (changes += 1),
  })
  await members.open()
  let revision = 0
  const tell = (id: string, value: Uint8Array | undefined): void =>
    watcher!.onChange({ key: `nodes.${id}`, value, revision: (revision += 1) })
  return {
    clock,
    members,
    changes: () => changes,
    renew: (id: string, running = 0) => tell(id, encodeEntry(entryOf(id, running))),
    remove: (id: string) => tell(id, undefined),
    live: () => [...members.live.keys()].toSorted(),
  }
}

test('a member lives as long as it renews its lease, and is known as it told last', async (t) => {
  const { clock, members, renew, live } = await watched()
  t.deepEqual(live(), [])
  renew('a')
  renew('b')
  clock.advance(patienceMs)
  t.deepEqual(live(), ['a', 'b'])
  renew('a', 3)
  t.is(members.live.get('a')?.entry.running, 3)
  clock.advance(1)
  t.deepEqual(live(), ['a'])
  t.deepEqual(
    members.silent.map(({ entry }) => entry.id),
    ['b'],
  )
  clock.advance(patienceMs)
  t.deepEqual(live(), [])
})

test('one that was silent lives again when it is heard of', async (t) => {
  const { clock, renew, live, changes } = await watched()
  renew('a')
  clock.advance(patienceMs + 1)
  t.deepEqual(live(), [])
  const before = changes()
  renew('a')
  t.deepEqual(live(), ['a'])
  t.is(changes(), before + 1)
})

test('one whose entry was removed lives no more', async (t) => {
  const { renew, remove, live } = await watched()
  renew('a')
  renew('b')
  t.deepEqual(live(), ['a', 'b'])
  remove('a')
  t.deepEqual(live(), ['b'])
})
