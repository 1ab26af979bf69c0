import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { mmap } from '../src/index.js'
import { joinNode } from '../src/join.js'
import { Pace } from '../src/pace.js'
import type { MappedTransport } from '../src/transport.js'
import { turnsOf, until } from './fixtures/waiting.js'

test('it is awake while messages come close together, for three times the usual gap', (t) => {
  const pace = new Pace()
  let nowMs = 1_000
  for (let message = 0; message < 50; message += 1) pace.arrived((nowMs += 0.02))
  t.true(pace.isHot(nowMs + 0.05))
  t.false(pace.isHot(nowMs + 0.1))
})

test('it sleeps at once when messages are far apart, and after one long pause', (t) => {
  const pace = new Pace()
  let nowMs = 1_000
  for (let message = 0; message < 50; message += 1) pace.arrived((nowMs += 0.5))
  t.false(pace.isHot(nowMs))
  for (let message = 0; message < 10; message += 1) pace.arrived((nowMs += 0.01))
  t.true(pace.isHot(nowMs))
  pace.arrived((nowMs += 10_000))
  t.false(pace.isHot(nowMs))
})

test('the first message does not keep it awake', (t) => {
  const pace = new Pace()
  pace.arrived(5)
  t.false(pace.isHot(5))
})

test('a member that sleeps does not look at its rings until it is rung', async (t) => {
  await using node = await mmap().found({ workers: 'thread', members: 2 })
  await using member = await joinNode(node.admit().data)
  const heard: number[] = []
  await member.transport.open({ address: 'far', receive: (frame) => void heard.push(frame.length) })
  const near = await node.member.transport.open({ address: 'near', receive: () => undefined })
  near.offer('far', new Uint8Array(1))
  t.true(await until(() => heard.length === 1))
  const { counts } = member.transport as MappedTransport
  // It has fallen asleep when whole milliseconds bring no turn.
  const isStill = async (): Promise<boolean> => {
    const { turns } = counts
    const end = performance.now() + 5
    while (performance.now() < end) await turnsOf(1)
    return counts.turns === turns
  }
  let still = false
  for (let attempt = 0; attempt < 100 && !still; attempt += 1) still = await isStill()
  t.true(still)
  const before = { ...counts }
  await turnsOf(1_000)
  t.deepEqual({ ...counts }, before)
  near.offer('far', new Uint8Array(2))
  t.true(await until(() => heard.length === 2))
  t.true(counts.rings > before.rings)
})

test('frames that come faster than they can be received leave timers and I/O their turn', async (t) => {
  await using node = await mmap().found({ workers: 'thread', members: 1 })
  const { transport } = node.member
  let received = 0
  let atTimer = 0
  await transport.open({ address: 'slow', receive: () => void (received += 1) })
  const endpoint = await transport.open({ address: 'fast', receive: () => undefined })
  for (let frame = 0; frame < 10_000; frame += 1) endpoint.offer('slow', new Uint8Array(8))
  setImmediate(() => setImmediate(() => (atTimer = received)))
  t.true(await until(() => received === 10_000))
  t.true(atTimer <= 3 * 256, `${atTimer} frames were received in three turns`)
})

test('what receive promises goes on without another event', async (t) => {
  await using node = await mmap().found({ workers: 'thread', members: 2 })
  await using member = await joinNode(node.admit().data)
  const echoed = new Promise<string>((resolve) => {
    void member.transport.open({
      address: 'far',
      receive: (_frame, from) => void Promise.resolve().then(() => resolve(from)),
    })
  })
  const near = await node.member.transport.open({ address: 'near', receive: () => undefined })
  near.offer('far', new Uint8Array(1))
  t.is(await echoed, 'near')
})

function run(program: URL): {
  readonly status: number | null
  readonly stderr: string
  readonly stdout: string
} {
  const args = ['--import=tsx', fileURLToPath(program)]
  return spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 })
}

test('an open endpoint keeps its process alive, and a closed one does not', (t) => {
  const { status, stdout } = run(new URL('fixtures/staying-alive.ts', import.meta.url))
  t.is(status, 0)
  t.is(stdout, 'woken')
})

test('without onError, what receive throws is an uncaught exception', (t) => {
  const { status, stderr } = run(new URL('fixtures/throwing-receiver.ts', import.meta.url))
  t.not(status, 0)
  t.regex(stderr, /thrown by receive/)
})
