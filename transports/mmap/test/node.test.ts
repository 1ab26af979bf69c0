import { StigmergyError, type NodeTicket } from '@stigmergy/core'
import test from 'ava'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { mmap } from '../src/index.js'
import { joinNode } from '../src/join.js'
import { until } from './fixtures/waiting.js'
import { Host } from './support/host.js'
import { passedOn } from './support/world.js'

function directoryOf(ticket: NodeTicket): string {
  return (ticket.data as { readonly directory: string }).directory
}

/** Everything of a directory that this process has open or mapped. */
function openIn(directory: string): readonly string[] {
  const names = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return ''
    }
  })
  const mappings = readFileSync('/proc/self/maps', 'utf8').split('\n')
  return [...names, ...mappings].filter((name) => name.includes(directory))
}

test('a node has as many places as it was founded for', async (t) => {
  await using node = await mmap().found({ workers: 'thread', members: 3 })
  t.is(node.member.number, 0)
  t.deepEqual([node.admit().member, node.admit().member], [1, 2])
  t.true(
    StigmergyError.is(
      t.throws(() => node.admit()),
      'STG_NODE_FULL',
    ),
  )
  node.bury(2)
  t.is(node.admit().member, 2)
})

test('a ticket names a module that takes it, once', async (t) => {
  await using node = await mmap().found({ workers: 'thread', members: 2 })
  const { member: number, module, data } = node.admit()
  const { joinNode: join } = (await import(module)) as { joinNode: typeof joinNode }
  await using member = await join(passedOn(data))
  t.is(member.number, number)
  t.true(StigmergyError.is(await t.throwsAsync(join(data)), 'STG_NODE_UNAVAILABLE'))
})

test('a ticket is void once its place is buried, and once the node is closed', async (t) => {
  const node = await mmap().found({ workers: 'thread', members: 2 })
  const first = node.admit()
  node.bury(first.member)
  t.true(StigmergyError.is(await t.throwsAsync(joinNode(first.data)), 'STG_NODE_UNAVAILABLE'))
  const second = node.admit()
  await node.close()
  t.true(StigmergyError.is(await t.throwsAsync(joinNode(second.data)), 'STG_NODE_UNAVAILABLE'))
})

test('what is no ticket is refused', async (t) => {
  for (const data of [undefined, null, 1, {}, { directory: '/' }])
    t.true(StigmergyError.is(await t.throwsAsync(joinNode(data)), 'STG_NODE_UNAVAILABLE'))
})

test('members share one store: a descriptor goes by frame', async (t) => {
  await using node = await mmap().found({ workers: 'thread', members: 2 })
  await using member = await joinNode(node.admit().data)
  const values: unknown[] = []
  await member.transport.open({
    address: 'reader',
    receive: (descriptor) => void values.push(member.store.read(member.store.open(descriptor))),
  })
  const sender = await node.member.transport.open({ address: 'writer', receive: () => undefined })
  const handle = await node.member.store.put({ greeting: 'hello' }, 64)
  t.is(sender.offer('reader', node.member.store.describe(handle)), 'sent')
  t.true(await until(() => values.length > 0))
  t.deepEqual(values, [{ greeting: 'hello' }])
})

test('every member reads the load of every other, and a place that is given again starts from zeros', async (t) => {
  await using node = await mmap().found({ workers: 'thread', members: 2 })
  const member = await joinNode(node.admit().data)
  member.load.set(3, 2 ** 32 - 1)
  node.member.load.set(15, 7)
  t.deepEqual(
    [node.member.load.get(1, 3), member.load.get(0, 15), member.load.get(1, 15)],
    [2 ** 32 - 1, 7, 0],
  )
  await member.close()
  t.is(node.member.load.get(1, 3), 2 ** 32 - 1)
  node.bury(1)
  node.admit()
  t.is(node.member.load.get(1, 3), 0)
  t.throws(() => node.member.load.get(2, 3), { instanceOf: RangeError })
})

test('a member that closes leaves its place taken until it is buried, and its peers are not told of a loss', async (t) => {
  await using node = await mmap().found({ workers: 'thread', members: 2 })
  const member = await joinNode(node.admit().data)
  const heard: number[] = []
  const lost: string[] = []
  const near = await node.member.transport.open({
    address: 'near',
    receive: (frame) => void heard.push(frame[0] ?? -1),
    onLost: (peer) => lost.push(peer),
  })
  const far = await member.transport.open({ address: 'far', receive: () => undefined })
  t.is(near.offer('far', new Uint8Array([1])), 'sent')
  for (let frame = 0; frame < 100; frame += 1) far.offer('near', new Uint8Array([frame]))
  await member.close()
  t.is(near.offer('far', new Uint8Array([2])), 'closed')
  t.throws(() => node.admit())
  t.true(await until(() => heard.length === 100))
  node.bury(1)
  t.is(node.admit().member, 1)
  t.deepEqual(lost, [])
})

test('a member whose place is taken away finds itself closed', async (t) => {
  await using node = await mmap().found({ workers: 'thread', members: 2 })
  const member = await joinNode(node.admit().data)
  const lost: string[] = []
  await node.member.transport.open({ address: 'near', receive: () => undefined })
  const far = await member.transport.open({
    address: 'far',
    receive: () => undefined,
    onLost: (peer) => lost.push(peer),
  })
  t.is(far.offer('near', new Uint8Array(1)), 'sent')
  node.bury(1)
  t.true(await until(() => far.offer('near', new Uint8Array(1)) === 'closed'))
  t.deepEqual(lost, ['near'])
  t.true(
    StigmergyError.is(
      await t.throwsAsync(member.transport.open({ address: 'again', receive: () => undefined })),
      'STG_CLOSED',
    ),
  )
  await member.close()
})

test('a node that has closed leaves no file, no descriptor and no mapping', async (t) => {
  const node = await mmap().found({ workers: 'process', members: 3 })
  const ticket = node.admit()
  const directory = directoryOf(ticket)
  const member = await joinNode(ticket.data)
  const host = new Host('process')
  await host.reflect(node.admit().data, 'reflector')
  const heard: string[] = []
  for (const { transport, number } of [node.member, member]) {
    const endpoint = await transport.open({
      address: `${number}`,
      receive: (_frame, from) => void heard.push(from),
    })
    endpoint.offer('reflector', new Uint8Array(10))
  }
  t.true(await until(() => heard.length === 2))
  t.true(openIn(directory).length > 0)
  await member.close()
  await node.close()
  t.false(existsSync(directory))
  t.deepEqual(openIn(directory), [])
  await host.stop()
})

test('closing twice is closing once, and a closed node admits nobody', async (t) => {
  const node = await mmap().found({ workers: 'thread', members: 2 })
  await Promise.all([node.close(), node.close(), node.member.close()])
  t.true(
    StigmergyError.is(
      t.throws(() => node.admit()),
      'STG_CLOSED',
    ),
  )
  t.true(
    StigmergyError.is(
      t.throws(() => node.bury(1)),
      'STG_CLOSED',
    ),
  )
})

test('the founder is not buried, nor a place that there is not', async (t) => {
  await using node = await mmap().found({ workers: 'thread', members: 2 })
  for (const member of [0, 2, -1, 0.5]) t.throws(() => node.bury(member), { instanceOf: TypeError })
})
