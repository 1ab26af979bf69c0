import type { FoundedNode } from '@stigmergy/core'
import test, { type ExecutionContext } from 'ava'
import { mmap } from '../src/index.js'
import { until } from './fixtures/waiting.js'
import { Host, type HostKind } from './support/host.js'
import { numberedFrame } from './support/stream.js'
import { passedOn } from './support/world.js'

/** What has come from the streamer. */
interface Heard {
  frames: number
  wrong: number
  lost: string[]
}

async function listen(node: FoundedNode, address: string): Promise<Heard> {
  const heard: Heard = { frames: 0, wrong: 0, lost: [] }
  await node.member.transport.open({
    address,
    receive: (frame) => {
      if (Buffer.compare(frame, numberedFrame(heard.frames)) !== 0) heard.wrong += 1
      heard.frames += 1
    },
    onLost: (peer) => heard.lost.push(peer),
  })
  return heard
}

/** Ends a sender after so many frames, and gives its place to the next one. */
async function endAfter(t: ExecutionContext, node: FoundedNode, kind: HostKind, frames: number) {
  const address = `listener ${frames}`
  const heard = await listen(node, address)
  const host = new Host(kind)
  const ticket = node.admit()
  await host.stream(passedOn(ticket.data), address)
  t.true(await until(() => heard.frames >= frames))
  await host.stop()
  const sent = node.member.load.get(ticket.member, 0)
  node.bury(ticket.member)
  t.true(await until(() => heard.lost.length > 0))
  t.is(heard.wrong, 0)
  t.true(heard.frames === sent || heard.frames === sent + 1, `${heard.frames} of ${sent} frames came`)
  t.deepEqual(heard.lost, ['streamer'])
  return ticket.member
}

for (const kind of ['process', 'thread'] as const)
  test(`of a sender that is a ${kind} and is killed, whole frames arrive in order, then it is lost, and its place is free`, async (t) => {
    await using node = await mmap().found({ workers: kind, members: 2 })
    for (const frames of [1, 50 + Math.floor(Math.random() * 5_000), 7_000, 20_000]) {
      t.log(`killed after ${frames} frames`)
      t.is(await endAfter(t, node, kind, frames), 1)
    }
  })

test('a thread may be ended while it is rung', async (t) => {
  await using node = await mmap().found({ workers: 'thread', members: 2 })
  const endpoint = await node.member.transport.open({ address: 'ringer', receive: () => undefined })
  for (let round = 0; round < 10; round += 1) {
    const host = new Host('thread')
    await host.reflect(passedOn(node.admit().data), 'rung')
    const stopped = host.stop()
    const ringing = setInterval(() => endpoint.offer('rung', new Uint8Array(10)))
    await stopped
    clearInterval(ringing)
    node.bury(1)
  }
  t.is(endpoint.offer('rung', new Uint8Array(10)), 'closed')
})

test('whoever sends to one that is killed hears that it is lost, and waits no longer for room', async (t) => {
  await using node = await mmap({ ringBytes: 2 ** 14 }).found({ workers: 'process', members: 2 })
  const lost: string[] = []
  const endpoint = await node.member.transport.open({
    address: 'sender',
    receive: () => undefined,
    onLost: (peer) => lost.push(peer),
  })
  const host = new Host('process')
  await host.reflect(passedOn(node.admit().data), 'receiver')
  await host.stop()
  while (endpoint.offer('receiver', new Uint8Array(1_000)) === 'sent');
  t.is(endpoint.offer('receiver', new Uint8Array(1_000)), 'full')
  const writable = endpoint.writable('receiver')
  node.bury(1)
  await writable
  t.is(endpoint.offer('receiver', new Uint8Array(1_000)), 'closed')
  t.true(await until(() => lost.length > 0))
  t.deepEqual(lost, ['receiver'])
})

test('what was for one that is killed does not reach the next one in its place', async (t) => {
  await using node = await mmap().found({ workers: 'process', members: 2 })
  const echoes: number[] = []
  const endpoint = await node.member.transport.open({
    address: 'sender',
    receive: (frame) => void echoes.push(frame[0] ?? -1),
  })
  const host = new Host('process')
  const first = node.admit()
  await host.reflect(passedOn(first.data), 'receiver')
  await host.stop()
  for (let frame = 0; frame < 100; frame += 1) endpoint.offer('receiver', new Uint8Array([1]))
  node.bury(1)
  const next = new Host('process')
  await next.reflect(passedOn(node.admit().data), 'receiver')
  t.is(endpoint.offer('receiver', new Uint8Array([2])), 'sent')
  t.true(await until(() => echoes.length > 0))
  t.deepEqual(echoes, [2])
  await next.stop()
})
